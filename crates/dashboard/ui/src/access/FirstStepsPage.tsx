/** What is left to do before customers are answered. It keeps itself up to date. */

import { Button, Card, Group, Progress, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconMessageCircle, IconCheck, IconMail, IconUsersPlus, type IconProps } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";

import { number } from "../lib/times";
import { LinkAnchor } from "../shell/links";
import classes from "./FirstStepsPage.module.css";
import { type Older, steps } from "./steps";

const STEPS = [
  { name: "mail", Icon: IconMail, section: "channels", item: "new-email" },
  { name: "chat", Icon: IconMessageCircle, section: "channels", item: "new-webchat" },
  { name: "team", Icon: IconUsersPlus, section: "agents", item: undefined },
] as const satisfies { name: string; Icon: ComponentType<IconProps>; section: string; item: string | undefined }[];

type Step = (typeof STEPS)[number];

export function FirstStepsPage() {
  const { t } = useTranslation("access");
  const { data } = useQuery({ ...steps, refetchInterval: ({ state }) => (state.data?.older ? 1_500 : false) });
  const count = STEPS.filter((it) => data?.[it.name]).length;
  return (
    <main className={classes.page}>
      <Stack maw={560} mx="auto" gap="md">
        <div>
          <Title order={1} size="h3">
            {t("first.title")}
          </Title>
          <Text c="dimmed">{count === STEPS.length ? t("first.allDone") : t("first.lead")}</Text>
        </div>
        <div>
          <Text size="sm" mb={4}>
            {t("first.progress", { done: count, of: STEPS.length })}
          </Text>
          <Progress value={(100 * count) / STEPS.length} color="teal" aria-label={t("first.title")} />
        </div>
        {STEPS.map((it) => (
          <One key={it.name} step={it} done={data?.[it.name] ?? false} older={it.name === "mail" ? data?.older : undefined} />
        ))}
        <div>
          <LinkAnchor to="/inbox" search={{ status: "open" }}>
            {t("first.inbox")}
          </LinkAnchor>
        </div>
      </Stack>
    </main>
  );
}

interface OneProps {
  step: Step;
  done: boolean;
  older: Older | undefined;
}

function One({ step: { name, Icon, section, item }, done, older }: OneProps) {
  const { t } = useTranslation("access");
  const navigate = useNavigate();
  return (
    <Card withBorder p="md" data-step={name}>
      <Group wrap="nowrap" align="flex-start">
        <ThemeIcon size={36} radius="xl" variant="light" color={done ? "teal" : "indigo"}>
          {done ? <IconCheck size={20} aria-hidden /> : <Icon size={20} aria-hidden />}
        </ThemeIcon>
        <Stack gap={6} flex={1}>
          <Title order={2} size="h5">
            {t(`first.${name}.title`)}
          </Title>
          <Text size="sm" c="dimmed">
            {t(`first.${name}.text`)}
          </Text>
          {older && (
            <div role="status">
              <Text size="sm" mb={4}>
                {t("first.older", { read: number(older.read), found: number(older.found) })}
              </Text>
              <Progress size="sm" value={older.found ? (100 * older.read) / older.found : 0} aria-label={t(`first.${name}.title`)} />
            </div>
          )}
          <Group gap="sm">
            <Button
              size="xs"
              variant={done ? "default" : "filled"}
              onClick={() =>
                void (item && !done
                  ? navigate({ to: "/settings/$section/$item", params: { section, item } })
                  : navigate({ to: "/settings/$section", params: { section } }))
              }
            >
              {done ? t(`first.${name}.more`) : t(`first.${name}.do`)}
            </Button>
            {done && (
              <Text size="sm" className={classes.done}>
                {t("first.done")}
              </Text>
            )}
          </Group>
        </Stack>
      </Group>
    </Card>
  );
}
