/** Around the pages before one is signed in: a card in the middle, and the languages below. */

import { Anchor, Card, Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { choose, LANGUAGES, type Language } from "../i18n";
import classes from "./AccessFrame.module.css";

interface Props {
  title: string;
  lead?: string;
  children: ReactNode;
}

export function AccessFrame({ title, lead, children }: Props) {
  const { t, i18n } = useTranslation("access");
  return (
    <div className={classes.frame}>
      <Card component="main" withBorder shadow="sm" p="xl" w={440} maw="100%">
        <Stack>
          <div>
            <Title order={1} size="h3">
              {title}
            </Title>
            {lead && <Text c="dimmed">{lead}</Text>}
          </div>
          {children}
        </Stack>
      </Card>
      <Group component="nav" gap="md" mt="md" aria-label={t("languages")}>
        {(Object.entries(LANGUAGES) as [Language, string][]).map(([code, name]) => (
          <Anchor
            key={code}
            component="button"
            type="button"
            size="sm"
            lang={code}
            className={classes.language}
            fw={i18n.language === code ? 600 : 400}
            aria-current={i18n.language === code ? "true" : undefined}
            onClick={() => void choose(code)}
          >
            {name}
          </Anchor>
        ))}
      </Group>
    </div>
  );
}
