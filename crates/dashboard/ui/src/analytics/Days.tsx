/** Day by day. */

import { AreaChart, BarChart, LineChart } from "@mantine/charts";
import { SimpleGrid } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Clock } from "./AnalyticsPage";
import { Chart } from "./Chart";
import { average, count, day, took } from "./numbers";
import type { Analytics } from "./queries";
import { medianOf, p90Of } from "./Totals";

const HEIGHT = 240;
/** The table beside it is for those who cannot see it: no second way by keyboard through the picture. */
const STILL = { accessibilityLayer: false };
/** Hundreds of days would rather be there than arrive one by one. */
const AT_ONCE = { isAnimationActive: false };

export function Days({ days, clock }: { days: Analytics["by_day"]; clock: Clock }) {
  const { t } = useTranslation("analytics");
  const dates = days.map((it) => it.date);
  const rows = days.map((it) => ({
    date: day(it.date),
    opened: it.opened,
    resolved: it.resolved,
    reopened: it.reopened,
    messages_in: it.messages_in,
    messages_out: it.messages_out,
    first_median: medianOf(it.first_response, clock) ?? null,
    first_p90: p90Of(it.first_response, clock) ?? null,
    resolution_median: medianOf(it.resolution, clock) ?? null,
    resolution_p90: p90Of(it.resolution, clock) ?? null,
    rating: it.ratings.average ?? null,
  }));
  const work = [
    { name: "opened", label: t("figure.opened"), color: "indigo.6" },
    { name: "resolved", label: t("figure.resolved"), color: "teal.6" },
    { name: "reopened", label: t("figure.reopened"), color: "orange.6" },
  ] as const;
  const mail = [
    { name: "messages_in", label: t("figure.messages_in"), color: "indigo.6" },
    { name: "messages_out", label: t("figure.messages_out"), color: "teal.6" },
  ] as const;
  const spans = (of: "first" | "resolution") =>
    [
      { name: `${of}_median`, label: t("median"), color: "indigo.6" },
      { name: `${of}_p90`, label: t("ninetieth"), color: "orange.6" },
    ] as const;
  const rating = [{ name: "rating", label: t("figure.rating"), color: "yellow.6" }] as const;
  const rated = days.some((it) => it.ratings.count > 0);
  const common = { h: HEIGHT, data: rows, dataKey: "date", withLegend: true, gridAxis: "x" as const };
  const axes = { xAxisProps: { minTickGap: 24 }, yAxisProps: { width: 56, allowDecimals: false } };
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Chart title={t("chart.work")} dates={dates} rows={rows} series={work} show={count}>
        <BarChart {...common} {...axes} series={[...work]} barChartProps={STILL} barProps={AT_ONCE} valueFormatter={count} />
      </Chart>
      <Chart title={t("chart.messages")} dates={dates} rows={rows} series={mail} show={count}>
        <AreaChart {...common} {...axes} series={[...mail]} areaChartProps={STILL} areaProps={AT_ONCE} valueFormatter={count} withDots={false} />
      </Chart>
      {(["first", "resolution"] as const).map((of) => (
        <Chart key={of} title={t(`chart.${of}`)} dates={dates} rows={rows} series={spans(of)} show={took}>
          <LineChart
            {...common}
            {...axes}
            series={[...spans(of)]}
            lineChartProps={STILL}
            lineProps={AT_ONCE}
            valueFormatter={took}
            withDots={days.length < 40}
            connectNulls
          />
        </Chart>
      ))}
      {rated && (
        <Chart title={t("chart.rating")} dates={dates} rows={rows} series={rating} show={average}>
          <LineChart
            {...common}
            {...axes}
            yAxisProps={{ ...axes.yAxisProps, domain: [1, 5], ticks: [1, 2, 3, 4, 5] }}
            series={[...rating]}
            lineChartProps={STILL}
            lineProps={AT_ONCE}
            valueFormatter={average}
            connectNulls
          />
        </Chart>
      )}
    </SimpleGrid>
  );
}
