import { Card, SimpleGrid, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Clock } from "./AnalyticsPage";
import { average, count, took } from "./numbers";
import type { Figures, Times } from "./queries";

const COUNTS = ["opened", "resolved", "reopened", "messages_in", "messages_out"] as const;
const SPANS = ["first_response", "resolution"] as const;

export const medianOf = (it: Times, clock: Clock) => (clock === "wall" ? it.median_seconds : it.business_median_seconds);
export const p90Of = (it: Times, clock: Clock) => (clock === "wall" ? it.p90_seconds : it.business_p90_seconds);

/** The whole range in a few numbers. */
export function Totals({ figures, clock }: { figures: Figures; clock: Clock }) {
  const { t } = useTranslation("analytics");
  return (
    <SimpleGrid cols={{ base: 2, sm: 4, lg: figures.ratings.count > 0 ? 8 : 7 }} spacing="sm" component="dl" m={0}>
      {COUNTS.map((name) => (
        <Tile key={name} name={t(`figure.${name}`)} value={count(figures[name])} />
      ))}
      {SPANS.map((name) => (
        <Tile
          key={name}
          name={t(`figure.${name}`)}
          value={took(medianOf(figures[name], clock))}
          about={t("p90", { time: took(p90Of(figures[name], clock)) })}
        />
      ))}
      {figures.ratings.count > 0 && (
        <Tile
          name={t("figure.rating")}
          value={average(figures.ratings.average)}
          about={t("ratings", { count: figures.ratings.count, shown: count(figures.ratings.count) })}
        />
      )}
    </SimpleGrid>
  );
}

function Tile({ name, value, about }: { name: string; value: string; about?: string }) {
  return (
    <Card withBorder p="sm">
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="dd" m={0} fz={22} fw={600}>
        {value}
      </Text>
      {about && (
        <Text component="dd" m={0} size="xs" c="dimmed">
          {about}
        </Text>
      )}
    </Card>
  );
}
