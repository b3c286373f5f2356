/** The draft of a conversation: read once, then kept while one writes. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { answer, api } from "../api/client";
import { onDraft } from "../live/drafts";
import type { Content } from "./content";
import { type Draft, Keeper, type Remote, type State } from "./keeper";

export const draft = (id: string) => ({
  queryKey: ["draft", id],
  queryFn: () => answer(api.GET("/api/conversations/{id}/draft", { params: { path: { id } } })),
  // Never shown again from memory: what is typed since is elsewhere.
  gcTime: 0,
});

/** Milliseconds after a key in which somebody is still typing, though what they typed is saved. */
const TYPING = 3_000;

/** What of a draft there is where the server cannot be asked. */
export const noDraft = (conversation_id: string): Draft => ({
  conversation_id,
  kind: "reply",
  text: "",
  html: null,
  cc: [],
  bcc: [],
  attachments: [],
  version: 0,
  updated_at: null,
});

function remote(id: string, changed: () => void): Remote {
  const path = { id };
  return {
    put: async ({ kind, text, html, cc, bcc, files }, version, leaving) => {
      const body = { version, kind, text, html, cc: cc ?? [], bcc, attachment_ids: files.map((it) => it.id) };
      const kept = await answer(api.PUT("/api/conversations/{id}/draft", { params: { path }, body, keepalive: leaving }));
      if (version === 0) changed();
      return kept;
    },
    remove: async (version) => {
      await answer(api.DELETE("/api/conversations/{id}/draft", { params: { path, query: { version } } }));
      changed();
    },
  };
}

interface Kept {
  content: Content;
  state: State;
  /** What another window wrote meanwhile. */
  other: Draft | undefined;
  keeper: Keeper;
  /** What depends on what stands there is asked of what does now: several things change at once. */
  change: (part: Partial<Content> | ((now: Content) => Partial<Content>)) => void;
  /** What stands there now, also for who began to wait before it did. */
  now: () => Content;
  /** Shows this from now on, and tells the editor. */
  replace: (content: Content) => void;
}

export function useDraft(conversation: string, first: Draft, onReplaced: (content: Content) => void): Kept {
  const client = useQueryClient();
  const [told, setTold] = useState<{ state: State; other: Draft | undefined }>({ state: "clean", other: undefined });
  const [made] = useState(() => {
    const changed = () => void client.invalidateQueries({ queryKey: ["drafts"] });
    const keeper = new Keeper(conversation, remote(conversation, changed), (state, other) =>
      setTold({ state, other }),
    );
    return { keeper, content: keeper.start(first) };
  });
  const { keeper } = made;
  const [content, setContent] = useState(made.content);
  const newest = useRef(content);
  const typed = useRef(0);

  function replace(wanted: Content) {
    newest.current = wanted;
    setContent(wanted);
    onReplaced(wanted);
  }

  const taking = useRef(replace);
  useEffect(() => {
    taking.current = replace;
  });
  // The server's answer may come after somebody could begin.
  useEffect(() => {
    const theirs = keeper.meet(first);
    if (theirs) taking.current(theirs);
  }, [first, keeper]);
  useEffect(() => {
    const leave = () => void keeper.flush(true);
    const take = async () => {
      const found = await client.fetchQuery({ ...draft(conversation), staleTime: 0 }).catch(() => undefined);
      const theirs = found && keeper.adopt(found);
      if (theirs) taking.current(theirs);
    };
    const look = async () => {
      if (document.visibilityState === "hidden") return leave();
      await take();
    };
    // Another window: not while one types here, and not what was saved from here.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hear = (version: number) => {
      clearTimeout(timer);
      const rest = typed.current + TYPING - Date.now();
      if (rest > 0) timer = setTimeout(() => hear(version), rest);
      else void keeper.knows(version).then((known) => (known ? undefined : take()));
    };
    const deaf = onDraft(conversation, hear);
    const turn = () => void look();
    document.addEventListener("visibilitychange", turn);
    addEventListener("pagehide", leave);
    return () => {
      document.removeEventListener("visibilitychange", turn);
      removeEventListener("pagehide", leave);
      clearTimeout(timer);
      deaf();
      void keeper.flush();
    };
  }, [client, conversation, keeper]);

  return {
    ...told,
    content,
    keeper,
    change: (part) => {
      const { current } = newest;
      typed.current = Date.now();
      newest.current = { ...current, ...(typeof part === "function" ? part(current) : part) };
      setContent(newest.current);
      keeper.change(newest.current);
    },
    now: () => newest.current,
    replace,
  };
}
