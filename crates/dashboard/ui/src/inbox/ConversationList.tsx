/** The conversations of a view; only the rows in sight are in the page. */

import { Button, Center, Loader, Skeleton, Stack, Text } from "@mantine/core";
import { IconArrowUp } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "../api/client";
import { conversations, type Conversation, type Filter } from "../api/queries";
import { useStore } from "../live/store";
import { arrived, moved } from "./anchoring";
import classes from "./ConversationList.module.css";
import { ConversationRow, ROW_HEIGHT } from "./ConversationRow";
import { Empty } from "./Empty";
import { cursor, extend, selection, toggle } from "./selection";
import { useListKeys } from "./useListKeys";

interface Props {
  filter: Filter;
  open: string | undefined;
}

export function ConversationList({ filter, open }: Props) {
  const { t } = useTranslation("inbox");
  const query = useInfiniteQuery(conversations(filter));
  const rows = useMemo(() => distinct(query.data?.pages.flatMap((page) => page.data) ?? []), [query.data]);
  if (query.isPending) return <Waiting />;
  if (query.isLoadingError) {
    const problem = query.error instanceof ApiError && query.error.status === 400 ? query.error.message : undefined;
    return (
      <Center p="xl">
        <Stack align="center">
          <Text role="alert" ta="center">
            {problem ?? t("failed")}
          </Text>
          {!problem && (
            <Button variant="default" onClick={() => void query.refetch()}>
              {t("again")}
            </Button>
          )}
        </Stack>
      </Center>
    );
  }
  if (rows.length === 0 && !query.hasNextPage) return <Empty filter={filter} />;
  return <Rows filter={filter} open={open} rows={rows} query={query} />;
}

type ListQuery = Pick<
  ReturnType<typeof useInfiniteQuery>,
  "hasNextPage" | "isFetchingNextPage" | "fetchNextPage" | "isFetchNextPageError"
>;

function Rows({ filter, open, rows, query }: Props & { rows: Conversation[]; query: ListQuery }) {
  const { t } = useTranslation("inbox");
  const frame = useRef<HTMLDivElement>(null);
  const { ids, ticking } = useStore(selection);
  const at = useStore(cursor);
  const names = useMemo(() => rows.map((it) => it.id), [rows]);
  const { fresh, onScroll, toTop } = useStandingStill(frame, names);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => names[index] ?? index,
    overscan: 8,
  });
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError } = query;
  useEffect(() => {
    if (last >= rows.length - 10 && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  useListKeys({ rows, open, filter, scrollTo: (index) => virtual.scrollToIndex(index, { align: "auto" }) });
  const tick = useCallback((id: string, range: boolean) => (range ? extend(names, id) : toggle(id)), [names]);
  const active = open ?? at;

  return (
    <div className={classes.frame}>
      {fresh > 0 && (
        <Button className={classes.fresh} size="compact-sm" radius="xl" leftSection={<IconArrowUp size={14} />} onClick={toTop}>
          {t("fresh", { count: fresh })}
        </Button>
      )}
      <div
        ref={frame}
        className={classes.rows}
        role="listbox"
        aria-label={t("conversations")}
        aria-multiselectable
        aria-activedescendant={active && names.includes(active) ? `row-${active}` : undefined}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div style={{ height: virtual.getTotalSize(), position: "relative" }} role="presentation">
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return (
              row && (
                <ConversationRow
                  key={item.key}
                  conversation={row}
                  filter={filter}
                  open={row.id === open}
                  current={!open && row.id === at}
                  ticked={ids.has(row.id)}
                  ticking={ticking || ids.size > 0}
                  top={item.start}
                  onTick={tick}
                />
              )
            );
          })}
        </div>
      </div>
      {isFetchingNextPage && (
        <Center p="xs">
          <Loader size="sm" />
        </Center>
      )}
      {isFetchNextPageError && !isFetchingNextPage && (
        <Center p="xs">
          <Button size="compact-sm" variant="default" onClick={() => void fetchNextPage()}>
            {t("again")}
          </Button>
        </Center>
      )}
    </div>
  );
}

/** Keeps the rows in sight where they are while others come in above; says how many did. */
function useStandingStill(frame: RefObject<HTMLDivElement | null>, names: readonly string[]) {
  const before = useRef<{ names: readonly string[]; top: number }>({ names, top: 0 });
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  useLayoutEffect(() => {
    const { names: old, top } = before.current;
    before.current.names = names;
    if (old === names || top < ROW_HEIGHT / 2 || !frame.current) return;
    const first = Math.floor(top / ROW_HEIGHT);
    const by = moved(old, names, first);
    if (by !== 0) frame.current.scrollTop = top + by * ROW_HEIGHT;
    const came = arrived(old, names, first);
    if (came.length > 0) setFresh((known) => new Set([...known, ...came]));
  }, [names, frame]);
  const onScroll = useCallback(() => {
    const top = frame.current?.scrollTop ?? 0;
    before.current.top = top;
    if (top < ROW_HEIGHT / 2) setFresh((known) => (known.size > 0 ? new Set() : known));
  }, [frame]);
  const toTop = useCallback(() => frame.current?.scrollTo({ top: 0 }), [frame]);
  return { fresh: fresh.size, onScroll, toTop };
}

/** A row that moved up may still stand in a page that was read before. */
function distinct(rows: Conversation[]): Conversation[] {
  return [...new Map(rows.map((it) => [it.id, it])).values()];
}

function Waiting() {
  const { t } = useTranslation("inbox");
  return (
    <Stack p="sm" gap="md" aria-busy aria-label={t("loading")} role="status">
      {[0, 1, 2, 3, 4, 5].map((it) => (
        <Skeleton key={it} h={60} />
      ))}
    </Stack>
  );
}
