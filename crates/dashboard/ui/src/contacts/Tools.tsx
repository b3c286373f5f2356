/** Above the list: search, narrow down, add, bring in and take out. */

import { ActionIcon, Button, CloseButton, Group, Menu, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconDots, IconFileExport, IconFileImport, IconPlus, IconSearch } from "@tabler/icons-react";
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../api/changes";
import { me, tags } from "../api/queries";
import { download } from "../lib/downloads";
import classes from "./Tools.module.css";
import { type ContactFilter, given } from "./queries";

const NewContact = lazy(() => import("./NewContact"));

export function Tools({ filter }: { filter: ContactFilter }) {
  const { t } = useTranslation("contacts");
  const { data: agent } = useSuspenseQuery(me);
  const [adding, setAdding] = useState(false);
  return (
    <div className={classes.tools}>
      <Group gap="xs" wrap="nowrap">
        <Search filter={filter} />
        <ActionIcon size={36} variant="filled" aria-label={t("add")} title={t("add")} onClick={() => setAdding(true)}>
          <IconPlus size={18} aria-hidden />
        </ActionIcon>
        {agent?.role === "admin" && <More filter={filter} />}
      </Group>
      <Filters filter={filter} />
      {adding && (
        <Suspense>
          <NewContact onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </div>
  );
}

function Search({ filter }: { filter: ContactFilter }) {
  const { t } = useTranslation("contacts");
  const navigate = useNavigate();
  const [text, setText] = useState(filter.search ?? "");
  const search = useDebouncedCallback((wanted: string) => {
    void navigate({ to: ".", search: { ...filter, search: wanted || undefined }, replace: true });
  }, 250);
  const change = (wanted: string) => {
    setText(wanted);
    search(wanted);
  };
  return (
    <TextInput
      flex={1}
      type="search"
      aria-label={t("search")}
      placeholder={t("search")}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={text && <CloseButton size="sm" aria-label={t("clear")} onClick={() => change("")} />}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

function Filters({ filter }: { filter: ContactFilter }) {
  const { t } = useTranslation("contacts");
  const navigate = useNavigate();
  const { data } = useQuery(tags);
  const set = (change: ContactFilter) => void navigate({ to: ".", search: { ...filter, ...change }, replace: true });
  const names = new Set([...(data?.data.map((it) => it.name) ?? []), ...(filter.tag ? [filter.tag] : [])]);
  return (
    <Group gap="xs" grow>
      <Select
        size="xs"
        aria-label={t("filter.tag")}
        placeholder={t("filter.tag")}
        data={[...names]}
        value={filter.tag ?? null}
        onChange={(tag) => set({ tag: tag ?? undefined })}
        clearButtonProps={{ "aria-label": t("filter.clearTag") }}
        searchable
        clearable
      />
      <Select
        size="xs"
        aria-label={t("filter.blocked")}
        data={[
          { value: "", label: t("filter.everybody") },
          { value: "false", label: t("filter.notBlocked") },
          { value: "true", label: t("filter.onlyBlocked") },
        ]}
        value={filter.blocked ?? ""}
        onChange={(blocked) => set({ blocked: blocked || undefined })}
        allowDeselect={false}
      />
    </Group>
  );
}

function More({ filter }: { filter: ContactFilter }) {
  const { t } = useTranslation("contacts");
  const navigate = useNavigate();
  const take = useMutation({
    mutationFn: () => download(`/api/contacts?${new URLSearchParams(given(filter)).toString()}`, "contacts.csv"),
    onError: complain,
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" px={8} h={36} loading={take.isPending} aria-label={t("more")}>
          <IconDots size={18} aria-hidden />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconFileImport size={16} aria-hidden />}
          onClick={() => void navigate({ to: "/contacts/import", search: {} })}
        >
          {t("import")}
        </Menu.Item>
        <Menu.Item leftSection={<IconFileExport size={16} aria-hidden />} onClick={() => take.mutate()}>
          {t("export")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
