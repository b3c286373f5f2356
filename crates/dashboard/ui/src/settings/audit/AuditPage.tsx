/** Who did what, when, from where. */

import { Button, Group, Select, Skeleton, Table, Text, TextInput } from "@mantine/core";
import { IconDownload, IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../../api/changes";
import { download } from "../../lib/downloads";
import { localDay, longTime, shortTime } from "../../lib/times";
import { Problem } from "../parts/forms";
import { Empty, Page } from "../parts/Page";
import { agents, audit, type AuditEntry, type AuditFilter } from "../queries";
import classes from "./Audit.module.css";
import { ACTIONS, type AuditAction, isKnown } from "./actions";
import { Details } from "./Details";

export default function AuditPage() {
  const { t } = useTranslation(["audit", "settings"]);
  const [filter, setFilter] = useState<AuditFilter>({});
  const list = useInfiniteQuery(audit(filter));
  const rows = list.data?.pages.flatMap((it) => it.data) ?? [];
  return (
    <Page title={t("settings:sections.audit")} about={t("about")} action={<Download filter={filter} />} wide>
      <Filters filter={filter} onChange={setFilter} />
      {list.isError && <Problem error={list.error} onAgain={() => void list.refetch()} />}
      {list.isPending ? (
        <Skeleton height={300} />
      ) : list.isLoadingError ? null : rows.length === 0 ? (
        <Empty icon={<IconHistory size={40} />} title={t("empty.title")} text={t("empty.text")} />
      ) : (
        <Table.ScrollContainer minWidth={0} type="native">
          <Table className={classes.table} verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("when")}</Table.Th>
                <Table.Th>{t("who")}</Table.Th>
                <Table.Th>{t("what")}</Table.Th>
                <Table.Th>{t("from")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((it) => (
                <Entry key={it.seq} entry={it} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {list.hasNextPage && (
        <Group justify="center" mt="md">
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t("more")}
          </Button>
        </Group>
      )}
    </Page>
  );
}

function Entry({ entry: it }: { entry: AuditEntry }) {
  const { t } = useTranslation("audit");
  const action = isKnown(it.action) ? t(`actions.${it.action}`) : it.action;
  return (
    <Table.Tr>
      <Table.Td className={classes.when} title={longTime(it.created_at)}>
        <time dateTime={it.created_at}>{shortTime(it.created_at)}</time>
      </Table.Td>
      <Table.Td className={classes.who}>
        {it.actor.name ?? t(`actors.${it.actor.type}`)}
        {it.api_key && (
          <Text size="xs" c="dimmed">
            {t("withKey", { name: it.api_key.name ?? it.api_key.id })}
          </Text>
        )}
      </Table.Td>
      <Table.Td className={classes.what}>
        <Text component="span" size="sm" fw={600}>
          {action}
        </Text>
        {it.object.name && <span className="words"> · {it.object.name}</span>}
        <Details details={it.details as Record<string, unknown>} />
      </Table.Td>
      <Table.Td className={classes.from}>{it.ip ?? "–"}</Table.Td>
    </Table.Tr>
  );
}

function Filters({ filter, onChange }: { filter: AuditFilter; onChange: (filter: AuditFilter) => void }) {
  const { t } = useTranslation("audit");
  const { data } = useQuery(agents);
  const put = (part: Record<keyof AuditFilter, string | null> | Partial<Record<keyof AuditFilter, string | null>>) => {
    const next = Object.entries({ ...filter, ...part }).filter(([, value]) => value);
    onChange(Object.fromEntries(next) as AuditFilter);
  };
  const actions = ACTIONS.map((value) => ({ value, label: t(`actions.${value}`) }));
  return (
    <Group gap="xs" mb="md" align="flex-end">
      <Select
        flex="1 1 11rem"
        label={t("who")}
        placeholder={t("anybody")}
        data={data?.map((it) => ({ value: it.id, label: it.name })) ?? []}
        value={filter.actor ?? null}
        onChange={(actor) => put({ actor })}
        searchable
        clearable
        clearButtonProps={{ "aria-label": t("anybody") }}
      />
      <Select
        flex="1 1 13rem"
        label={t("what")}
        placeholder={t("anything")}
        data={actions.sort((a, b) => a.label.localeCompare(b.label))}
        value={(filter.action as AuditAction | undefined) ?? null}
        onChange={(action) => put({ action })}
        searchable
        clearable
        clearButtonProps={{ "aria-label": t("anything") }}
      />
      <TextInput
        flex="1 1 8rem"
        type="date"
        label={t("since")}
        value={dayOf(filter.from)}
        onChange={(event) => put({ from: instant(event.currentTarget.value, 0) })}
      />
      <TextInput
        flex="1 1 8rem"
        type="date"
        label={t("until")}
        value={dayOf(filter.to, -1)}
        onChange={(event) => put({ to: instant(event.currentTarget.value, 1) })}
      />
    </Group>
  );
}

/** Midnight of a day in the time of this browser, some days later. */
function instant(day: string, later: number): string | null {
  if (!day) return null;
  const at = new Date(`${day}T00:00:00`);
  if (Number.isNaN(at.getTime())) return null;
  at.setDate(at.getDate() + later);
  return at.toISOString();
}

function dayOf(iso: string | undefined, later = 0): string {
  if (!iso) return "";
  const at = new Date(iso);
  at.setDate(at.getDate() + later);
  return localDay(at);
}

/** All that matches, as a file for a spreadsheet. */
function Download({ filter }: { filter: AuditFilter }) {
  const { t } = useTranslation("audit");
  const take = useMutation({
    mutationFn: () => download(`/api/audit?${new URLSearchParams({ ...filter }).toString()}`, "audit.csv"),
    onError: complain,
  });
  return (
    <Button
      variant="default"
      loading={take.isPending}
      leftSection={<IconDownload size={16} aria-hidden />}
      onClick={() => take.mutate()}
    >
      {t("download")}
    </Button>
  );
}
