/** What customers said of how it went. */

import { Card, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { average, count } from "./numbers";
import type { Figures } from "./queries";

const SCORES = [5, 4, 3, 2, 1] as const;

export function Ratings({ ratings }: { ratings: Figures["ratings"] }) {
  const { t } = useTranslation("analytics");
  const given = (score: number) => ratings.by_score[score - 1] ?? 0;
  return (
    <Card component="section" withBorder p="md" aria-label={t("chart.ratings")}>
      <Title order={2} size="h5">
        {t("chart.ratings")}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t("rated", { count: ratings.count, shown: count(ratings.count), average: average(ratings.average) })}
      </Text>
      <Stack gap="xs">
        {SCORES.map((score) => (
          <div key={score}>
            <Group justify="space-between">
              <Text size="sm">{t("score", { score, name: t(`scores.${score}`) })}</Text>
              <Text size="sm" fw={600}>
                {count(given(score))}
              </Text>
            </Group>
            <Progress value={(100 * given(score)) / ratings.count} aria-label={t(`scores.${score}`)} color="yellow.6" />
          </div>
        ))}
      </Stack>
    </Card>
  );
}
