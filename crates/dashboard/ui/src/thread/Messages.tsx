/** What was said, oldest first, from the newest page up. */

import { Button, Center, Group, Loader, Text } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { lazy, memo, Suspense, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Conversation, type Message, messages } from "../api/queries";
import { useCommand } from "../commands/registry";
import { EventLine, FoldedLines } from "./EventLine";
import { folded } from "./folding";
import { MessageCard } from "./MessageCard";
import classes from "./Messages.module.css";

const ForwardDialog = lazy(() => import("../actions/ForwardDialog").then((it) => ({ default: it.ForwardDialog })));

/** Nearer to the end than this, new messages are followed. */
const NEAR = 120;

export const Messages = memo(function Messages({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(messages(conversation.id));
  const frame = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  /** The newest message while the end was in sight; what came after waits to be looked at. */
  const [seen, setSeen] = useState<string>();
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const all = query.data?.pages.toReversed().flatMap((page) => page.data) ?? [];
  const newest = all.at(-1)?.id;
  const oldest = all[0]?.id;
  const height = useRef(0);

  // New messages are followed by who reads at the end, and move nobody else.
  useLayoutEffect(() => {
    const at = frame.current;
    if (!at || !follows.current) return;
    at.scrollTop = at.scrollHeight;
    setSeen(newest);
  }, [newest]);
  // Older ones come in above without moving what is read.
  useLayoutEffect(() => {
    const at = frame.current;
    if (at && !follows.current) at.scrollTop += at.scrollHeight - height.current;
    if (at) height.current = at.scrollHeight;
  }, [oldest]);
  // What is unfolded moves nothing above it.
  useLayoutEffect(() => {
    const at = frame.current;
    if (at) follows.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR;
  }, [unfolded]);
  // Letters and pictures grow after they are drawn, and the composer takes room as one writes.
  useEffect(() => {
    const at = frame.current;
    if (!at) return;
    const grown = new ResizeObserver(() => {
      if (follows.current) at.scrollTop = at.scrollHeight;
    });
    grown.observe(at);
    if (at.firstElementChild) grown.observe(at.firstElementChild);
    return () => grown.disconnect();
  }, [query.isPending]);

  if (query.isPending) {
    return (
      <Center flex={1}>
        <Loader />
      </Center>
    );
  }
  // By any of its lines: it gets more of them at both ends.
  const isOpen = (lines: Message[]) => lines.some((it) => unfolded.has(it.id));
  const toggle = (lines: Message[]) =>
    setUnfolded(isOpen(lines) ? without(unfolded, lines) : new Set([...unfolded, ...lines.map((it) => it.id)]));
  const place = seen ? all.findIndex((it) => it.id === seen) : -1;
  const unseen = place < 0 ? 0 : all.slice(place + 1).filter((it) => it.direction !== "event").length;
  return (
    <div className={classes.around}>
      <div
        ref={frame}
        className={classes.frame}
        tabIndex={0}
        role="log"
        aria-label={t("thread.messages")}
        onScroll={({ currentTarget: at }) => {
          follows.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR;
          height.current = at.scrollHeight;
          if (follows.current) setSeen(newest);
        }}
      >
        <div className={classes.messages}>
          {query.isError && (
            <Group justify="center" gap="xs">
              <Text role="alert">{t("error.thread")}</Text>
              <Button size="compact-sm" variant="default" onClick={() => void query.refetch()}>
                {t("error.again")}
              </Button>
            </Group>
          )}
          {query.hasNextPage && (
            <Button
              variant="subtle"
              size="xs"
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {t("thread.older")}
            </Button>
          )}
          {folded(all).map((it) =>
            Array.isArray(it) ? (
              <FoldedLines key={it[0]?.id} lines={it} open={isOpen(it)} onToggle={() => toggle(it)} />
            ) : it.direction === "event" ? (
              <EventLine key={it.id} message={it} />
            ) : (
              <MessageCard key={it.id} message={it} contact={conversation.contact} />
            ),
          )}
        </div>
      </div>
      <ForwardNewest messages={all} />
      {unseen > 0 && <Jump count={unseen} onJump={() => frame.current?.scrollTo({ top: frame.current.scrollHeight })} />}
    </div>
  );
});

function without(unfolded: ReadonlySet<string>, lines: Message[]): ReadonlySet<string> {
  return new Set([...unfolded].filter((id) => lines.every((it) => it.id !== id)));
}

function Jump({ count, onJump }: { count: number; onJump: () => void }) {
  const { t } = useTranslation("thread");
  return (
    <Button className={classes.jump} size="xs" radius="xl" leftSection={<IconArrowDown size={14} />} onClick={onJump}>
      {t("messages.jump", { count })}
    </Button>
  );
}

/** By key or from the palette; the menu of each message forwards that one. */
function ForwardNewest({ messages: all }: { messages: Message[] }) {
  const [message, setMessage] = useState<Message>();
  const newest = all.findLast((it) => it.from !== null || it.to.length > 0);
  useCommand("forward", newest && (() => setMessage(newest)));
  return <Suspense>{message && <ForwardDialog message={message} onClose={() => setMessage(undefined)} />}</Suspense>;
}
