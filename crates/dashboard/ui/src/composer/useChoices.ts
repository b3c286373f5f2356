/** What can be chosen for the word that is being typed: canned replies, people to mention. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { answer, api, type Schemas } from "../api/client";
import { assignees } from "../api/queries";
import type { Token } from "./editor";

export type Canned = Schemas["CannedReplyView"];

export type Choice =
  | { kind: "canned"; id: string; title: string; detail: string; reply: Canned }
  | { kind: "mention"; id: string; title: string; detail: string };

const MOST = 8;

const canned = (search: string) => ({
  queryKey: ["canned-replies", search],
  queryFn: () => {
    const query = { per_page: 20, ...(search && { search }) };
    return answer(api.GET("/api/canned-replies", { params: { query } }));
  },
  staleTime: 30_000,
});

export function useChoices(token: Token | undefined, onPick: (choice: Choice) => void) {
  const [marked, setMarked] = useState(0);
  const [closedFor, setClosedFor] = useState<string>();
  const looks = (kind: Token["kind"]) => token?.kind === kind;
  const replies = useQuery({
    ...canned(token?.query ?? ""),
    enabled: looks("canned"),
    placeholderData: keepPreviousData,
  });
  const people = useQuery({ ...assignees, enabled: looks("mention") });
  const all = looks("canned")
    ? repliesFor(replies.data?.data ?? [], token?.query ?? "")
    : looks("mention")
      ? peopleFor(people.data?.data ?? [], token?.query ?? "")
      : [];
  const name = token && `${token.kind} ${token.query}`;
  useEffect(() => setMarked(0), [name]);
  useEffect(() => {
    if (!token) setClosedFor(undefined);
  }, [token]);
  // A canned reply is worth saying that there is none; an @ is often just an @.
  const waiting = replies.isFetching && all.length === 0;
  const open = token !== undefined && closedFor === undefined && (all.length > 0 || (looks("canned") && !waiting));

  function onKey(event: KeyboardEvent): boolean {
    if (!open) return false;
    if (event.key === "Escape") {
      setClosedFor(name);
      return true;
    }
    if (all.length === 0) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      setMarked((marked + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length);
      return true;
    }
    const choice = all[marked];
    if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey && choice) {
      onPick(choice);
      return true;
    }
    return false;
  }
  return { open, all, marked, setMarked, onKey };
}

/** Those whose shortcut begins so come first; then the ones used most. */
function repliesFor(found: Canned[], query: string): Choice[] {
  const wanted = query.toLowerCase();
  const rank = (it: Canned) => (it.shortcut?.toLowerCase().startsWith(wanted) ? 0 : 1);
  return found
    .toSorted((a, b) => rank(a) - rank(b) || b.use_count - a.use_count)
    .slice(0, MOST)
    .map((reply) => ({
      kind: "canned",
      id: reply.id,
      title: reply.shortcut ? `/${reply.shortcut}` : reply.name,
      detail: reply.shortcut ? `${reply.name} – ${reply.text}` : reply.text,
      reply,
    }));
}

function peopleFor(found: { id: string; name: string }[], query: string): Choice[] {
  const wanted = query.toLowerCase();
  const fits = (name: string) => {
    const lower = name.toLowerCase();
    return lower.startsWith(wanted) || lower.split(" ").some((part) => part.startsWith(wanted));
  };
  // Whole and followed by a space, the name is done.
  const done = found.some((it) => it.name.toLowerCase() === wanted);
  if (done) return [];
  return found
    .filter((it) => fits(it.name))
    .slice(0, MOST)
    .map((it) => ({ kind: "mention", id: it.id, title: it.name, detail: "" }));
}
