/** Which days, and of whom. It stands in the page's address, so that it can be sent to somebody. */

import { Button, Group, SegmentedControl, Select, TextInput } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { complain } from "../api/changes";
import { assignees, counts, tags } from "../api/queries";
import { download } from "../lib/downloads";
import classes from "./AnalyticsPage.module.css";
import { type Asked, given } from "./queries";

const SPANS = ["7", "30", "90", "365"] as const;

export function Choice({ asked }: { asked: Asked }) {
  const { t } = useTranslation("analytics");
  const navigate = useNavigate();
  const { data: numbers } = useQuery(counts);
  const agents = useQuery(assignees);
  const known = useQuery(tags);
  const set = (change: Asked) => void navigate({ to: "/analytics", search: { ...asked, ...change }, replace: true });
  const own = asked.from !== undefined || asked.to !== undefined;
  return (
    <Group gap="xs" align="flex-end">
      <SegmentedControl
        size="sm"
        aria-label={t("span.label")}
        className={classes.spans}
        value={own ? "own" : (asked.days ?? "30")}
        onChange={(days) => set({ days, from: undefined, to: undefined })}
        data={[
          ...SPANS.map((value) => ({ value, label: t("span.days", { count: Number(value) }) })),
          ...(own ? [{ value: "own", label: t("span.own") }] : []),
        ]}
      />
      <TextInput
        type="date"
        label={t("from")}
        value={asked.from ?? ""}
        max={asked.to}
        onChange={(event) => set({ from: event.currentTarget.value || undefined, days: undefined })}
      />
      <TextInput
        type="date"
        label={t("to")}
        value={asked.to ?? ""}
        min={asked.from}
        onChange={(event) => set({ to: event.currentTarget.value || undefined, days: undefined })}
      />
      <Select
        label={t("channel")}
        placeholder={t("all")}
        data={numbers?.channels.map((it) => ({ value: it.id, label: it.name })) ?? []}
        value={asked.channel_id ?? null}
        onChange={(id) => set({ channel_id: id ?? undefined })}
        clearButtonProps={{ "aria-label": t("clear") }}
        clearable
        w={138}
      />
      <Select
        label={t("agent")}
        placeholder={t("all")}
        data={agents.data?.data.map((it) => ({ value: it.id, label: it.name })) ?? []}
        value={asked.agent_id ?? null}
        onChange={(id) => set({ agent_id: id ?? undefined })}
        clearButtonProps={{ "aria-label": t("clear") }}
        clearable
        searchable
        w={138}
      />
      <Select
        label={t("tag")}
        placeholder={t("all")}
        data={known.data?.data.map((it) => it.name) ?? []}
        value={asked.tag ?? null}
        onChange={(tag) => set({ tag: tag ?? undefined })}
        clearButtonProps={{ "aria-label": t("clear") }}
        clearable
        searchable
        w={130}
      />
    </Group>
  );
}

/** The figures that are shown, as a table to take away. */
export function Download({ asked }: { asked: Asked }) {
  const { t } = useTranslation("analytics");
  const take = useMutation({
    mutationFn: () => download(`/api/analytics?${new URLSearchParams(given(asked)).toString()}`, "analytics.csv"),
    onError: complain,
  });
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} aria-hidden />}
      loading={take.isPending}
      onClick={() => take.mutate()}
    >
      {t("csv")}
    </Button>
  );
}
