/** Everything a list can be narrowed by; loaded when it is first asked for. */

import { Group, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { assignees, counts, STATUSES, tags } from "../api/queries";
import { dayAfter, dayBefore } from "../lib/days";
import type { FilterProps } from "./filtering";

export default function FilterFields({ filter, onChange }: FilterProps) {
  const { t } = useTranslation("inbox");
  const { data: people } = useQuery(assignees);
  const { data: known } = useQuery(tags);
  const { data: numbers } = useQuery(counts);
  // Inside the popover: outside, choosing would close it.
  const within = { comboboxProps: { withinPortal: false }, size: "xs", clearable: true } as const;
  return (
    <Stack gap="xs">
      <Select
        {...within}
        label={t("filter.status")}
        placeholder={t("filter.any")}
        data={STATUSES.map((value) => ({ value, label: t(`filter.statuses.${value}`) }))}
        value={filter.status ?? null}
        onChange={(status) => onChange({ status: status ?? undefined })}
      />
      <Select
        {...within}
        label={t("filter.assignee")}
        placeholder={t("filter.any")}
        searchable
        data={[
          { value: "me", label: t("filter.me") },
          { value: "none", label: t("filter.nobody") },
          ...(people?.data.map((it) => ({ value: it.id, label: it.name })) ?? []),
        ]}
        value={filter.assigned_to ?? null}
        onChange={(assigned_to) => onChange({ assigned_to: assigned_to ?? undefined })}
      />
      <Select
        {...within}
        label={t("filter.channel")}
        placeholder={t("filter.any")}
        searchable
        data={numbers?.channels.map((it) => ({ value: it.id, label: it.name })) ?? []}
        value={filter.channel_id ?? null}
        onChange={(channel_id) => onChange({ channel_id: channel_id ?? undefined })}
      />
      <Select
        {...within}
        label={t("filter.tag")}
        placeholder={t("filter.any")}
        searchable
        data={known?.data.map((it) => it.name) ?? []}
        value={filter.tag ?? null}
        onChange={(tag) => onChange({ tag: tag ?? undefined })}
      />
      <Group grow gap="xs">
        <TextInput
          type="date"
          size="xs"
          label={t("filter.from")}
          value={filter.after ?? ""}
          onChange={(event) => onChange({ after: event.currentTarget.value || undefined })}
        />
        <TextInput
          type="date"
          size="xs"
          label={t("filter.until")}
          value={filter.before ? dayBefore(filter.before) : ""}
          onChange={({ currentTarget: { value } }) => onChange({ before: value ? dayAfter(value) : undefined })}
        />
      </Group>
      <Switch
        label={t("filter.unread")}
        checked={filter.unread === "true"}
        onChange={(event) => onChange({ unread: event.currentTarget.checked ? "true" : undefined })}
      />
    </Stack>
  );
}
