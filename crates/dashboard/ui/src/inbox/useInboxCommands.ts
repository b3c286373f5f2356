/** What keys and palette do to the conversation that is open, at the keys' place, or ticked. */

import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../api/changes";
import { me } from "../api/queries";
import type { CommandId } from "../commands/catalog";
import { openPalette, type Pick } from "../commands/palette";
import { useCommand } from "../commands/registry";
import { copy } from "../lib/clipboard";
import { useStore } from "../live/store";
import { actions as shown, type Actions } from "./actions";
import { lastOperation, undo } from "./change";
import { cursor, selection } from "./selection";

export function useInboxCommands(actions: Actions, open: string | undefined): void {
  const { t } = useTranslation("inbox");
  const client = useQueryClient();
  const { data: agent } = useQuery(me);
  const ticked = useStore(selection);
  const at = useStore(cursor);
  const operation = useStore(lastOperation);
  const many = ticked.all || ticked.ids.size > 0;
  const some = many || open !== undefined || at !== undefined;

  useEffect(() => {
    shown.set(actions);
    return () => shown.set(undefined);
  }, [actions]);

  const on = (id: CommandId, does: () => void) => [id, some ? does : undefined] as const;
  const ask = (id: CommandId & Pick) => on(id, () => openPalette(id));
  const one = () => actions.about()?.one;
  const all = [
    on("resolve", () => {
      const status = one()?.status === "resolved" ? "open" : "resolved";
      actions.set({ status }, t(`done.${status}`));
    }),
    on("pending", () => actions.set({ status: "pending" }, t("done.pending"))),
    on("assignMe", () => agent && actions.set({ agent_id: agent.id }, t("done.me"))),
    on("unread", () => actions.set({ unread: true }, t("done.unread"))),
    on("spam", () => {
      const spam = !one()?.spam;
      actions.set({ spam }, t(spam ? "done.spam" : "done.noSpam"));
    }),
    on("copyLink", () => {
      const id = one()?.id;
      if (!id) return;
      const said = () => notifications.show({ message: t("done.link") });
      void copy(`${location.origin}/inbox/${id}`).then(said, complain);
    }),
    ...(["snooze", "assign", "tag", "untag", "priority"] as const).map(ask),
  ];
  // What is ticked goes before what is open.
  for (const [id, does] of all) useCommand(id, does, many);
  useCommand("undo", operation ? () => void undo(client, operation) : undefined);
}
