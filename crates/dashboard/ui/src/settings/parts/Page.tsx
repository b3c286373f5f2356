/** How every page of the settings is laid out. */

import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";

import { LinkAnchor } from "../../shell/links";
import classes from "./Page.module.css";

interface PageProps {
  title: string;
  about?: ReactNode;
  /** What one does here most: a button beside the title. */
  action?: ReactNode;
  /** Where an item's page leads back to. */
  back?: { section: string; name: string };
  /** A form reads better narrow; a table needs room. */
  wide?: boolean;
  children: ReactNode;
}

export function Page({ title, about, action, back, wide, children }: PageProps) {
  return (
    <Box maw={wide ? 1040 : 640}>
      {back && (
        <LinkAnchor
          to="/settings/$section"
          params={{ section: back.section }}
          size="sm"
          c="dimmed"
          className={classes.back}
        >
          <IconChevronLeft size={16} aria-hidden />
          {back.name}
        </LinkAnchor>
      )}
      <Group justify="space-between" align="flex-start" gap="sm" mb="lg">
        <Stack gap={4} flex="1 1 16rem" miw={0}>
          <Title order={1} size="h3" className={classes.title}>
            {title}
          </Title>
          {about && (
            <Text c="dimmed" size="sm" maw={640}>
              {about}
            </Text>
          )}
        </Stack>
        {action}
      </Group>
      {children}
    </Box>
  );
}

/** What there could be here, and how to begin. */
export function Empty({ icon, title, text, action }: { icon: ReactNode; title: string; text: string; action?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" className={classes.empty}>
      <div className={classes.picture} aria-hidden>
        {icon}
      </div>
      <Title order={2} size="h5" ta="center">
        {title}
      </Title>
      <Text c="dimmed" size="sm" ta="center" maw={420}>
        {text}
      </Text>
      {action && <Box mt="xs">{action}</Box>}
    </Stack>
  );
}

/** A part of a long page, under a heading of its own. */
export function Part({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className={classes.part} aria-labelledby={id}>
      <Title order={2} size="h5" id={id}>
        {title}
      </Title>
      {about && (
        <Text c="dimmed" size="sm" mt={2}>
          {about}
        </Text>
      )}
      <Stack mt="sm" gap="sm">
        {children}
      </Stack>
    </section>
  );
}
