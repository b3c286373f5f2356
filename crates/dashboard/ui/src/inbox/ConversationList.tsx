/** The conversations of a view, newest first; only the rows in sight are in the page. */

import { Button, Center, CloseButton, Loader, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { conversations, type Conversation, type Filter } from "../api/queries";
import classes from "./ConversationList.module.css";
import { ConversationRow, ROW_HEIGHT } from "./ConversationRow";

interface Props {
  filter: Filter;
  selected: string | undefined;
}

export function ConversationList({ filter, selected }: Props) {
  return (
    <>
      <Search filter={filter} />
      <Rows key={JSON.stringify(filter)} filter={filter} selected={selected} />
    </>
  );
}

function Search({ filter }: { filter: Filter }) {
  const { t } = useTranslation();
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
      className={classes.search}
      type="search"
      aria-label={t("inbox.search")}
      placeholder={t("inbox.search")}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={text && <CloseButton size="sm" aria-label={t("inbox.clear")} onClick={() => change("")} />}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

function Rows({ filter, selected }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const query = useInfiniteQuery(conversations(filter));
  const frame = useRef<HTMLDivElement>(null);
  const rows: Conversation[] = query.data?.pages.flatMap((page) => page.data) ?? [];
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
  });
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (last >= rows.length - 5 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const step = (by: number) => {
    const at = rows.findIndex((it) => it.id === selected);
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    if (!next) return;
    virtual.scrollToIndex(rows.indexOf(next), { align: "auto" });
    void navigate({ to: "/inbox/$conversationId", params: { conversationId: next.id }, search: filter });
  };

  if (query.isPending) return <Waiting />;
  if (query.isError) {
    return (
      <Center p="xl">
        <Stack align="center">
          <Text role="alert">{t("error.list")}</Text>
          <Button variant="default" onClick={() => void query.refetch()}>
            {t("error.again")}
          </Button>
        </Stack>
      </Center>
    );
  }
  if (rows.length === 0) {
    return (
      <Center p="xl">
        <Text c="dimmed" ta="center">
          {filter.search ? t("inbox.nothingFound") : t("inbox.empty")}
        </Text>
      </Center>
    );
  }
  return (
    <div
      ref={frame}
      className={classes.rows}
      role="listbox"
      aria-label={t("inbox.conversations")}
      tabIndex={0}
      onKeyDown={(event) => {
        const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
        if (!by) return;
        event.preventDefault();
        step(by);
      }}
    >
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          return (
            <ConversationRow
              key={item.key}
              conversation={row}
              filter={filter}
              selected={row.id === selected}
              top={item.start}
            />
          );
        })}
      </div>
      {isFetchingNextPage && (
        <Center p="sm">
          <Loader size="sm" />
        </Center>
      )}
    </div>
  );
}

function Waiting() {
  return (
    <Stack p="sm" gap="md" aria-busy>
      {[0, 1, 2, 3, 4, 5].map((it) => (
        <Skeleton key={it} h={56} />
      ))}
    </Stack>
  );
}
