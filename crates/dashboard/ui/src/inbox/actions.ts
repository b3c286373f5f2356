/** What the keys, the palette and the bar of a selection do, and to what. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import type { Filter } from "../api/filters";
import type { Conversation } from "../api/queries";
import { Store } from "../live/store";
import { type Change, change, known, type Targets } from "./change";
import { clear, cursor, selection } from "./selection";

export interface Actions {
  /** What would be acted on, in words for the palette; null: nothing. */
  about: () => { count: number | null; one: Conversation | undefined } | null;
  set: (what: Change, said: string) => void;
}

/** Those of the inbox that is shown, for the palette. */
export const actions = new Store<Actions | undefined>(undefined);

interface Place {
  filter: Filter;
  open: string | undefined;
  /** In the order they are shown. */
  rows: () => readonly string[];
}

export function useActions({ filter, open, rows }: Place): Actions {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMemo(() => {
    const targets = (): Targets | null => {
      const { ids, all } = selection.get();
      if (all) return { matching: filter };
      if (ids.size > 0) return { ids: [...ids] };
      const one = open ?? cursor.get();
      return one ? { ids: [one] } : null;
    };
    /** Where one goes on when what is open leaves the list. */
    const next = (): string | undefined => {
      const all = rows();
      const at = open ? all.indexOf(open) : -1;
      return all[at + 1] ?? all[at - 1];
    };
    const leave = (to: string | undefined) => {
      if (!to) void navigate({ to: "/inbox", search: filter });
      else void navigate({ to: "/inbox/$conversationId", params: { conversationId: to }, search: filter });
    };
    return {
      about: () => {
        const it = targets();
        if (!it) return null;
        if ("matching" in it) return { count: null, one: undefined };
        const one = it.ids.length === 1 ? known(client, it.ids[0] ?? "") : undefined;
        return { count: it.ids.length, one };
      },
      set: (what, said) => {
        const it = targets();
        if (!it) return;
        const done = what.status === "resolved" || what.status === "snoozed" || what.spam === true;
        // Looking at it would make it read again.
        const hides = what.unread === true;
        const leaves = (done || hides) && open && "ids" in it && it.ids.length === 1 && it.ids[0] === open;
        const to = leaves && !hides ? next() : undefined;
        void change(client, it, what, said);
        if (selection.get().ids.size > 0) clear();
        if (leaves) leave(to);
      },
    };
  }, [client, navigate, filter, open, rows]);
}
