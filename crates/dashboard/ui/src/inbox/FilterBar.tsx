/** What narrows the list, and in what order it stands. */

import { ActionIcon, Button, Group, Indicator, Menu, Pill, Popover, Text } from "@mantine/core";
import { IconArrowsSort, IconCheck, IconFilter } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { asked, type Filter } from "../api/filters";
import { assignees, counts, STATUSES } from "../api/queries";
import { dayBefore, readableDay } from "../lib/days";
import classes from "./FilterBar.module.css";
import type { FilterProps } from "./filtering";

const FilterFields = lazy(() => import("./FilterFields"));

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

function useFilterChange(filter: Filter): FilterProps["onChange"] {
  const navigate = useNavigate();
  return (changed) => void navigate({ to: ".", search: withoutGaps({ ...filter, ...changed }), replace: true });
}

const withoutGaps = (filter: Filter): Filter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value)) as Filter;

function Narrow({ filter, onChange }: FilterProps) {
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
      <Popover.Dropdown>
        <Suspense>{open && <FilterFields filter={filter} onChange={onChange} />}</Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}

function Order({ filter, onChange }: FilterProps) {
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
function Chips({ filter, onChange }: FilterProps) {
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
