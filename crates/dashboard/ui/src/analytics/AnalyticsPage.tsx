/** What the team got done: totals, days, hours, and who did what. */

import "@mantine/charts/styles.css";

import { Alert, Button, Center, Group, Loader, SegmentedControl, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { readableDay } from "../lib/days";
import classes from "./AnalyticsPage.module.css";
import { Backlog } from "./Backlog";
import { Choice, Download } from "./Choice";
import { Days } from "./Days";
import { Empty, isEmpty } from "./Empty";
import { Heatmap } from "./Heatmap";
import { analytics, type Analytics, type Asked } from "./queries";
import { Ratings } from "./Ratings";
import { Shares } from "./Shares";
import { Tables } from "./Tables";
import { Totals } from "./Totals";

/** By the clock on the wall, or only while the desk was open. */
export type Clock = "wall" | "business";

export function AnalyticsPage() {
  const { t } = useTranslation("analytics");
  const asked = useSearch({ from: "/inside/analytics" });
  const query = useQuery(analytics(asked));
  return (
    <main className={classes.page}>
      <Stack gap="lg" maw={1200} mx="auto">
        <Group justify="space-between">
          <Title order={1} size="h3">
            {t("title")}
          </Title>
          <Download asked={asked} />
        </Group>
        <Choice asked={asked} />
        {query.isPending && (
          <Center p="xl">
            <Loader aria-label={t("loading")} />
          </Center>
        )}
        {query.isError && (
          <Alert color="red" role="alert">
            <Stack align="flex-start" gap="xs">
              {query.error.message === "unreachable" ? t("error") : query.error.message}
              <Button size="xs" variant="default" onClick={() => void query.refetch()}>
                {t("again")}
              </Button>
            </Stack>
          </Alert>
        )}
        {query.data && <Report report={query.data} asked={asked} stale={query.isPlaceholderData} />}
      </Stack>
    </main>
  );
}

function Report({ report, asked, stale }: { report: Analytics; asked: Asked; stale: boolean }) {
  const { t } = useTranslation("analytics");
  const [clock, setClock] = useState<Clock>("wall");
  return (
    <Stack gap="lg" aria-busy={stale}>
      {!report.complete && <Alert color="blue">{t("incomplete")}</Alert>}
      <div className={classes.clock}>
        <Text size="sm" c="dimmed">
          {t("range", { from: readableDay(report.from), to: readableDay(report.to), zone: report.time_zone })}
        </Text>
        <SegmentedControl
          size="xs"
          aria-label={t("clock.label")}
          value={clock}
          onChange={(value) => setClock(value as Clock)}
          data={[
            { value: "wall", label: t("clock.wall") },
            { value: "business", label: t("clock.business") },
          ]}
        />
      </div>
      {isEmpty(report) ? (
        <>
          <Empty report={report} asked={asked} />
          <Backlog backlog={report.backlog} />
        </>
      ) : (
        <>
          <Totals figures={report.totals} clock={clock} />
          <Days days={report.by_day} clock={clock} />
          <SimpleGrid cols={{ base: 1, md: report.totals.ratings.count > 0 ? 3 : 2 }} spacing="lg">
            <Backlog backlog={report.backlog} />
            <Shares shares={report.shares} />
            {report.totals.ratings.count > 0 && <Ratings ratings={report.totals.ratings} />}
          </SimpleGrid>
          <Heatmap hours={report.busiest_hours} />
          <Tables report={report} clock={clock} />
        </>
      )}
    </Stack>
  );
}
