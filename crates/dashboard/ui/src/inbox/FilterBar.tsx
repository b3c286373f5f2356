/** What narrows the list, and in what order it stands. */

import { ActionIcon, Button, Group, Indicator, Menu, Pill, Popover, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconArrowsSort, IconCheck, IconFilter } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import { asked, type Filter } from "../api/filters";
import { assignees, counts, tags } from "../api/queries";
import { dayAfter, dayBefore, readableDay } from "../lib/days";
import classes from "./FilterBar.module.css";

const STATUSES = ["open", "pending", "snoozed", "resolved"] as const;
const SORTS = ["newest", "oldest", "waiting", "relevance"] as const;

export function FilterBar({ filter, children }: { filter: Filter; children?: ReactNode }) {
  const change = useFilterChange(filter);
  return (
    <div className={classes.bar}>
      <Group gap={4} wrap="nowrap">
        <Narrow filter={filter} onChange={change} />
        <Order filter={filter} onChange={change} />
        {children}
      </Group>
      <Chips filter={filter} onChange={change} />
    </div>
  );
}

type Change = (changed: Filter) => void;

export function useFilterChange(filter: Filter): Change {
  const navigate = useNavigate();
  return (changed) => void navigate({ to: ".", search: withoutGaps({ ...filter, ...changed }), replace: true });
}

const withoutGaps = (filter: Filter): Filter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value)) as Filter;

interface Props {
  filter: Filter;
  onChange: Change;
}

function Narrow({ filter, onChange }: Props) {
  const { t } = useTranslation("inbox");
  const [open, setOpen] = useState(false);
  const { sort: _, search: __, ...narrowing } = asked(filter);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" width={300} shadow="md" trapFocus returnFocus>
      <Indicator disabled={Object.keys(narrowing).length === 0} size={8} offset={4}>
        <Popover.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            title={t("filter.title")}
            aria-label={t("filter.title")}
            onClick={() => setOpen(!open)}
          >
            <IconFilter size={18} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown>{open && <Fields filter={filter} onChange={onChange} />}</Popover.Dropdown>
    </Popover>
  );
}

function Fields({ filter, onChange }: Props) {
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

function Order({ filter, onChange }: Props) {
  const { t } = useTranslation("inbox");
  const sort = filter.sort ?? "newest";
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button size="compact-sm" variant="subtle" color="gray" fw={500} leftSection={<IconArrowsSort size={15} />}>
          <span className={classes.words}>{t(`sort.${SORTS.find((it) => it === sort) ?? "newest"}`)}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {SORTS.filter((it) => it !== "relevance" || filter.search).map((it) => (
          <Menu.Item
            key={it}
            rightSection={sort === it ? <IconCheck size={14} aria-label={t("sort.chosen")} /> : null}
            onClick={() => onChange({ sort: it === "newest" ? undefined : it })}
          >
            {t(`sort.${it}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** What narrows the list, each with a way to take it away. */
function Chips({ filter, onChange }: Props) {
  const { t } = useTranslation("inbox");
  const { data: people } = useQuery(assignees);
  const { data: numbers } = useQuery(counts);
  const texts: { [Name in keyof Filter]?: string | undefined } = {
    status: t(`filter.statuses.${STATUSES.find((it) => it === filter.status) ?? "open"}`),
    assigned_to:
      filter.assigned_to === "me"
        ? t("filter.me")
        : filter.assigned_to === "none"
          ? t("filter.nobody")
          : people?.data.find((it) => it.id === filter.assigned_to)?.name,
    channel_id: numbers?.channels.find((it) => it.id === filter.channel_id)?.name,
    channel_type: filter.channel_type,
    tag: filter.tag,
    unread: t(filter.unread === "true" ? "filter.unread" : "filter.read"),
    spam: t("filter.spam"),
    contact_id: t("filter.contact"),
    after: t("filter.fromDay", { day: readableDay(filter.after) }),
    before: t("filter.untilDay", { day: filter.before && readableDay(dayBefore(filter.before)) }),
  };
  const set = (Object.keys(texts) as (keyof Filter)[]).filter((name) => filter[name]);
  if (set.length === 0) return null;
  return (
    <Group gap={4} mt={4}>
      {set.map((name) => (
        <Pill
          key={name}
          size="sm"
          withRemoveButton
          removeButtonProps={{
            "aria-label": t("filter.remove", { name: texts[name] ?? "" }),
            "aria-hidden": false,
            tabIndex: 0,
            className: classes.remove ?? "",
          }}
          onRemove={() => onChange({ [name]: undefined })}
        >
          {texts[name] ?? "…"}
        </Pill>
      ))}
      {set.length > 1 && (
        <Text
          component="button"
          type="button"
          className={classes.clear}
          onClick={() => onChange(Object.fromEntries(set.map((name) => [name, undefined])))}
        >
          {t("filter.clear")}
        </Text>
      )}
    </Group>
  );
}
