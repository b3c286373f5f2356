/** What is done to one conversation or to many: shown at once, done by the server, undone by one press. */

import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { QueryClient } from "@tanstack/react-query";

import { complain } from "../api/changes";
import { answer, api, type Schemas } from "../api/client";
import { asQuery, type Filter } from "../api/filters";
import type { Conversation } from "../api/queries";
import i18n from "../i18n";
import { newId } from "../lib/ids";
import { show } from "../live/apply";
import { isList } from "../live/lists";
import { Store } from "../live/store";

export type Change = Pick<
  Schemas["BulkBody"],
  "status" | "snoozed_until" | "agent_id" | "priority" | "unread" | "spam" | "add_tags" | "remove_tags"
>;
type Operation = Schemas["Operation"];

/** What a change is made to. */
export type Targets = { ids: readonly string[] } | { matching: Filter };

/** Milliseconds between two looks at how far an operation has come. */
const LOOK = 600;
const TOAST = 9_000;

/** The id of an operation, as soon as the server has told it; none where it refused. */
type Begun = Promise<string | undefined>;

/** The operation that "undo" would undo. */
export const lastOperation = new Store<Begun | undefined>(undefined);

export async function change(client: QueryClient, targets: Targets, what: Change, said: string): Promise<void> {
  const before = "ids" in targets ? foresee(client, targets.ids, what) : [];
  const chosen = "ids" in targets ? { conversation_ids: [...targets.ids] } : { matching: asQuery(targets.matching) };
  const header = { "Idempotency-Key": newId() };
  const begun = answer(api.POST("/api/conversations/bulk", { params: { header }, body: { ...chosen, ...what } }));
  // At once: who takes it back before there is an answer means this one, not the one before.
  const id = begun.then(
    (it) => it.id,
    () => undefined,
  );
  lastOperation.set(id);
  let started: Operation;
  try {
    started = await begun;
  } catch (error) {
    if (lastOperation.get() === id) lastOperation.set(undefined);
    for (const it of before) show(client, it);
    complain(error);
    return;
  }
  try {
    await follow(client, started, said);
  } catch (error) {
    // It goes on without us: what became of it is read when the server can be reached.
    readAgain(client);
    complain(error);
  }
}

function readAgain(client: QueryClient): void {
  for (const key of ["conversations", "conversation"]) void client.invalidateQueries({ queryKey: [key] });
}

/** Shows what will be; returns what was. */
function foresee(client: QueryClient, ids: readonly string[], what: Change): Conversation[] {
  const before = ids.map((id) => known(client, id)).filter((it) => it !== undefined);
  for (const it of before) {
    const removed = new Set(what.remove_tags?.map((tag) => tag.toLowerCase()));
    const tags = it.tags.filter((tag) => !removed.has(tag.toLowerCase()));
    const added = (what.add_tags ?? []).filter((tag) => !tags.some((has) => has.toLowerCase() === tag.toLowerCase()));
    show(client, {
      ...it,
      status: what.status ?? it.status,
      snoozed_until: what.status ? (what.snoozed_until ?? null) : it.snoozed_until,
      tags: [...tags, ...added],
      priority: what.priority ?? it.priority,
      spam: what.spam ?? it.spam,
      unread_count: what.unread === undefined || what.unread === null ? it.unread_count : what.unread ? Math.max(it.unread_count, 1) : 0,
      ...(what.agent_id !== undefined && {
        assigned_agent_id: what.agent_id,
        // The name follows from the server.
        assigned_agent: what.agent_id === null ? null : it.assigned_agent,
      }),
    });
  }
  return before;
}

/** A conversation as it is shown somewhere. */
export function known(client: QueryClient, id: string): Conversation | undefined {
  const open = client.getQueryData<Conversation>(["conversation", id]);
  if (open) return open;
  const lists = client.getQueriesData<unknown>({ queryKey: ["conversations"] }).map(([, it]) => it);
  return lists.filter(isList).flatMap((it) => it.pages.flatMap((page) => page.data)).find((it) => it.id === id);
}

/** What was told last of what is done here: the next takes its place, so that they never pile up over the page. */
let told: string | undefined;

function say(it: Parameters<typeof notifications.show>[0]): string {
  if (told) notifications.hide(told);
  told = notifications.show(it);
  return told;
}

/** Tells how far it has come until it is over, with a way back. */
async function follow(client: QueryClient, started: Operation, said: string): Promise<void> {
  const id = say({
    message: <Toast operation={started} said={said} client={client} />,
    autoClose: isOver(started) ? TOAST : false,
  });
  let it = started;
  while (!isOver(it)) {
    await new Promise((done) => setTimeout(done, LOOK));
    it = await answer(api.GET("/api/operations/{id}", { params: { path: { id: started.id } } }));
    const message = <Toast operation={it} said={said} client={client} />;
    notifications.update({ id, message, autoClose: isOver(it) ? TOAST : false });
  }
  // More than the stream can tell one by one, or less than was shown at once.
  if (it !== started || it.skipped > 0 || it.state === "failed") readAgain(client);
}

const isOver = ({ state }: Operation): boolean => ["done", "failed", "undone"].includes(state);

function Toast({ operation: it, said, client }: { operation: Operation; said: string; client: QueryClient }) {
  const t = i18n.getFixedT(null, "inbox");
  const many = (it.total ?? 2) > 1;
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="sm" flex={1}>
        {said}
        {many && isOver(it) && ` ${t("bulk.changed", { count: it.changed })}`}
        {it.skipped > 0 && ` ${t("bulk.skipped", { count: it.skipped })}`}
        {!isOver(it) && ` ${it.total === null ? t("bulk.collecting") : t("bulk.progress", { done: it.done, total: it.total })}`}
        {it.error && ` ${it.error}`}
      </Text>
      <Button size="compact-sm" variant="light" onClick={() => void undo(client, Promise.resolve(it.id))}>
        {t("bulk.undo")}
      </Button>
    </Group>
  );
}

/** Puts back what an operation changed, where nobody has changed anything since. */
export async function undo(client: QueryClient, begun: Begun): Promise<void> {
  const t = i18n.getFixedT(null, "inbox");
  lastOperation.set(undefined);
  const id = await begun;
  if (id === undefined) return;
  if (told) notifications.hide(told);
  try {
    let it = await answer(api.POST("/api/operations/{id}/undo", { params: { path: { id } } }));
    while (!isOver(it)) {
      await new Promise((done) => setTimeout(done, LOOK));
      it = await answer(api.GET("/api/operations/{id}", { params: { path: { id } } }));
    }
    readAgain(client);
    const kept = it.kept > 0 ? ` ${t("bulk.kept", { count: it.kept })}` : "";
    say({ message: t("bulk.undone", { count: it.restored }) + kept });
  } catch (error) {
    complain(error);
  }
}
