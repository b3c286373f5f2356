import { Card, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { count } from "./numbers";
import type { Analytics } from "./queries";

/** The ages the server tells apart. */
const AGES = ["under_1_day", "1_to_3_days", "3_to_7_days", "7_to_30_days", "over_30_days"] as const;

/** What is not resolved at present, by how long ago it was opened. */
export function Backlog({ backlog }: { backlog: Analytics["backlog"] }) {
  const { t } = useTranslation("analytics");
  return (
    <Card component="section" withBorder p="md" aria-label={t("chart.backlog")}>
      <Title order={2} size="h5">
        {t("chart.backlog")}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t("backlog", { count: backlog.total, shown: count(backlog.total) })}
      </Text>
      <Stack gap="xs">
        {backlog.by_age.map((it) => {
          const name = isAge(it.age) ? t(`age.${it.age}`) : it.age;
          return (
            <div key={it.age}>
              <Group justify="space-between">
                <Text size="sm">{name}</Text>
                <Text size="sm" fw={600}>
                  {count(it.conversations)}
                </Text>
              </Group>
              <Progress value={(100 * it.conversations) / Math.max(1, backlog.total)} aria-label={name} color="indigo" />
            </div>
          );
        })}
      </Stack>
    </Card>
  );
}

const isAge = (age: string): age is (typeof AGES)[number] => (AGES as readonly string[]).includes(age);
