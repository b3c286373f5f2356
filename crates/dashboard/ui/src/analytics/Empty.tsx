/** Nothing happened in these days; where there is something to see. */

import { Button, Card, Stack, Text } from "@mantine/core";
import { IconChartBarOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { readableDay } from "../lib/days";
import type { Analytics, Asked } from "./queries";

const SPAN_DAYS = 30;
const DAY_MS = 24 * 3600_000;

export const isEmpty = ({ totals: it }: Analytics): boolean =>
  it.opened + it.resolved + it.reopened + it.messages_in + it.messages_out === 0;

/** Of those asked for, the conversation in which something happened last. */
const newest = ({ channel_id, tag }: Asked) => ({
  queryKey: ["analytics", "newest", channel_id, tag],
  queryFn: async () => {
    const query = { per_page: 1, ...(channel_id && { channel_id }), ...(tag && { tag }) };
    const { data } = await answer(api.GET("/api/conversations", { params: { query } }));
    const it = data[0];
    return it ? (it.last_message?.created_at ?? it.created_at) : null;
  },
});

export function Empty({ report, asked }: { report: Analytics; asked: Asked }) {
  const { t } = useTranslation("analytics");
  const navigate = useNavigate();
  const last = useQuery(newest(asked)).data;
  // Days are the workspace's; Swedes write them as addresses do.
  const days = new Intl.DateTimeFormat("sv-SE", { timeZone: report.time_zone, dateStyle: "short" });
  const to = last && days.format(Date.parse(last));
  const from = last && days.format(Date.parse(last) - (SPAN_DAYS - 1) * DAY_MS);
  // Within the days shown there is nothing, or it would have been shown.
  const elsewhere = to && from && (to < report.from || to > report.to) ? { from, to } : undefined;
  return (
    <Card withBorder p="xl">
      <Stack align="center" gap="xs">
        <IconChartBarOff size={32} stroke={1.5} aria-hidden />
        <Text fw={600} ta="center">
          {t("empty.title")}
        </Text>
        <Text size="sm" c="dimmed" ta="center" maw={440}>
          {last === null ? t("empty.never") : t("empty.text")}
        </Text>
        {elsewhere && (
          <Button
            variant="default"
            onClick={() => void navigate({ to: "/analytics", search: { ...asked, days: undefined, ...elsewhere } })}
          >
            {t("empty.last", { from: readableDay(elsewhere.from), to: readableDay(elsewhere.to) })}
          </Button>
        )}
      </Stack>
    </Card>
  );
}
