/** The contacts that fit; only the rows in sight are in the page. */

import { Avatar, Badge, Button, Center, Loader, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { nameOf } from "../people/names";
import classes from "./ContactList.module.css";
import { type Contact, type ContactFilter, contactList, given } from "./queries";

const ROW_HEIGHT = 60;

interface Props {
  filter: ContactFilter;
  selected: string | undefined;
}

export function ContactList({ filter, selected }: Props) {
  const { t } = useTranslation("contacts");
  const navigate = useNavigate();
  const query = useInfiniteQuery(contactList(filter));
  const frame = useRef<HTMLDivElement>(null);
  const rows: Contact[] = query.data?.pages.flatMap((page) => page.data) ?? [];
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 10,
  });
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError } = query;
  useEffect(() => {
    if (last >= rows.length - 10 && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  const step = (by: number) => {
    const at = rows.findIndex((it) => it.id === selected);
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    if (!next) return;
    virtual.scrollToIndex(rows.indexOf(next), { align: "auto" });
    void navigate({ to: "/contacts/$contactId", params: { contactId: next.id }, search: filter });
  };

  if (query.isPending) return <Waiting />;
  if (query.isLoadingError) {
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
  const total = query.data.pages[0]?.pagination.total;
  if (rows.length === 0) {
    const sought = Object.keys(given(filter)).length > 0;
    return (
      <Center p="xl">
        <Text c="dimmed" ta="center">
          {sought ? t("nothingFound") : t("empty")}
        </Text>
      </Center>
    );
  }
  return (
    <>
      <Text size="xs" c="dimmed" px="sm" pb={4} role="status">
        {typeof total === "number" ? t("count", { count: total }) : t("many")}
      </Text>
      <div
        ref={frame}
        className={classes.rows}
        role="listbox"
        aria-label={t("title")}
        aria-activedescendant={rows.some((it) => it.id === selected) ? `contact-${selected}` : undefined}
        tabIndex={0}
        onKeyDown={(event) => {
          const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
          if (!by) return;
          event.preventDefault();
          step(by);
        }}
      >
        <div style={{ height: virtual.getTotalSize(), position: "relative" }} role="presentation">
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return <Row key={item.key} contact={row} filter={filter} selected={row.id === selected} top={item.start} />;
          })}
        </div>
        {isFetchingNextPage && (
          <Center p="sm">
            <Loader size="sm" />
          </Center>
        )}
        {isFetchNextPageError && !isFetchingNextPage && (
          <Center p="sm">
            <Button size="compact-sm" variant="default" onClick={() => void fetchNextPage()}>
              {t("error.again")}
            </Button>
          </Center>
        )}
      </div>
    </>
  );
}

function Row({ contact: it, filter, selected, top }: { contact: Contact; filter: ContactFilter; selected: boolean; top: number }) {
  const { t } = useTranslation("contacts");
  const name = nameOf(it, t("unknown"));
  const reach = [it.email, it.phone].filter((way) => way && way !== name).join(" · ");
  return (
    <Link
      id={`contact-${it.id}`}
      to="/contacts/$contactId"
      params={{ contactId: it.id }}
      search={filter}
      className={classes.row}
      style={{ transform: `translateY(${top}px)`, height: ROW_HEIGHT }}
      role="option"
      aria-selected={selected}
      tabIndex={-1}
    >
      <Avatar size={34} name={name} color="initials" />
      <div className={classes.who}>
        <Text size="sm" fw={500} truncate>
          {name}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {reach}
        </Text>
      </div>
      {it.blocked && (
        <Badge size="xs" color="red" variant="light" tt="none">
          {t("blocked")}
        </Badge>
      )}
      {it.tags.slice(0, 1).map((tag) => (
        <Badge key={tag} size="xs" variant="default" tt="none" maw={90}>
          {tag}
        </Badge>
      ))}
    </Link>
  );
}

function Waiting() {
  return (
    <Stack p="sm" gap="sm" aria-busy>
      {[0, 1, 2, 3, 4, 5, 6].map((it) => (
        <Skeleton key={it} h={44} />
      ))}
    </Stack>
  );
}
