/** Above the list: what narrows it or, once something is ticked, what can be done to that. */

import { ActionIcon } from "@mantine/core";
import { IconListCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { lazy, memo, Suspense, useCallback, useRef } from "react";
import { useTranslation } from "react-i18next";

import { conversations, type Filter } from "../api/queries";
import { useStore } from "../live/store";
import { useActions } from "./actions";
import { FilterBar } from "./FilterBar";
import { SaveView } from "./SaveView";
import { selection, startTicking } from "./selection";
import { useInboxCommands } from "./useInboxCommands";

const BulkBar = lazy(() => import("./BulkBar"));

export function ListBar({ filter, open }: { filter: Filter; open: string | undefined }) {
  const { data, hasNextPage } = useInfiniteQuery(conversations(filter));
  const { ids, all, ticking } = useStore(selection);
  const names = data?.pages.flatMap((page) => page.data.map((it) => it.id)) ?? [];
  const newest = useRef(names);
  newest.current = names;
  const rows = useCallback(() => newest.current, []);
  const actions = useActions({ filter, open, rows });
  useInboxCommands(actions, open);
  if (ticking || all || ids.size > 0) {
    const total = data?.pages[0]?.pagination.total ?? null;
    return (
      <Suspense>
        <BulkBar rows={names} more={hasNextPage} total={total} actions={actions} />
      </Suspense>
    );
  }
  return <Narrowing filter={filter} />;
}

const Narrowing = memo(function Narrowing({ filter }: { filter: Filter }) {
  const { t } = useTranslation("inbox");
  return (
    <FilterBar filter={filter}>
      <span style={{ flex: 1 }} />
      <SaveView filter={filter} />
      <ActionIcon variant="subtle" color="gray" title={t("bulk.start")} aria-label={t("bulk.start")} onClick={startTicking}>
        <IconListCheck size={18} />
      </ActionIcon>
    </FilterBar>
  );
});
