/** Sending what was written, once, and telling what stands in the way. */

import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { complain, useSend, useSetStatus } from "../api/changes";
import { ApiError, type Schemas } from "../api/client";
import type { Conversation, Message } from "../api/queries";
import { newId } from "../lib/ids";
import { longTime } from "../lib/times";
import { isAddress, isBlank, since } from "./content";
import * as handback from "./handback";
import type { Plan } from "./SendButtons";
import type { useDraft } from "./useDraft";

interface Origin {
  canned?: string;
  suggestion?: string;
}

export interface Unseen {
  messages: Message[];
  plan: Plan;
}

export interface Sending {
  send: (plan: Plan) => Promise<void>;
  busy: boolean;
  /** Who gets a copy: as chosen, or as the newest mail has it. */
  cc: string[];
  /** What was written meanwhile. */
  unseen: Unseen | undefined;
  look: () => void;
  /** Says what the text was made from. */
  from: (origin: Origin) => void;
}

export function useSending(conversation: Conversation, draft: ReturnType<typeof useDraft>): Sending {
  const { t } = useTranslation("thread");
  const client = useQueryClient();
  const { content, keeper } = draft;
  const tryKey = useRef(newId());
  const origin = useRef<Origin>({});
  const busy = useRef(false);
  const [isBusy, setBusy] = useState(false);
  const [unseen, setUnseen] = useState<Unseen>();
  const post = useSend(conversation.id);
  const setStatus = useSetStatus(conversation.id);
  const blank = isBlank(content);
  /** The newest message when the mail was begun: who writes looks at their own words. */
  const begun = useRef<string>(undefined);
  useEffect(() => {
    if (blank) origin.current = {};
  }, [blank]);

  const pages = () => client.getQueryData<{ pages: { data: Message[] }[] }>(["messages", conversation.id])?.pages;
  const written = () => pages()?.[0]?.data.filter((it) => it.direction !== "event") ?? [];
  const cc = content.cc ?? copiesOf(written(), conversation);
  useEffect(() => {
    begun.current = blank ? undefined : written().at(-1)?.id;
  }, [blank]);

  async function send(plan: Plan): Promise<void> {
    if (busy.current || isBlank(content)) return;
    const wrong = [...cc, ...content.bcc].find((it) => !isAddress(it));
    if (wrong !== undefined && content.kind === "reply") {
      notifications.show({ color: "red", message: t("composer.noAddress", { text: wrong }) });
      return;
    }
    busy.current = true;
    setBusy(true);
    await keeper.settle();
    try {
      const message = await post.mutateAsync({ key: tryKey.current, body: bodyOf(plan) });
      handback.remember(message, { ...content, cc });
      const rest = since(content, draft.now());
      begun.current = message.id;
      keeper.sent(rest);
      draft.replace(rest);
      setUnseen(undefined);
      tryKey.current = newId();
      void client.invalidateQueries({ queryKey: ["drafts"] });
      if (plan.at) notifications.show({ message: t("composer.scheduled", { time: longTime(plan.at.toISOString()) }) });
      if (plan.resolve) setStatus.mutate({ status: "resolved" });
      if (plan.snoozeUntil) {
        setStatus.mutate({ status: "snoozed", snoozed_until: plan.snoozeUntil.toISOString() });
      }
    } catch (error) {
      // A refused try is over; only an answer that was lost is asked for again with the same key.
      if (error instanceof ApiError) tryKey.current = newId();
      const messages = error instanceof ApiError && (error.body.messages as Message[] | null | undefined);
      if (messages) setUnseen({ messages, plan });
      else complain(error);
      keeper.resume();
    } finally {
      busy.current = false;
      setBusy(false);
    }
  }

  /** In a chat both sides write at once, and each sees the other's words come. */
  function lastSeen(): string | undefined {
    const all = written();
    const known = conversation.channel_type === "email" && all.find((it) => it.id === begun.current);
    return (known || all.at(-1))?.id;
  }

  function bodyOf(plan: Plan): Schemas["Send"] {
    const isNote = content.kind === "note";
    const last = lastSeen();
    const { canned, suggestion } = origin.current;
    return {
      text: content.text,
      private: isNote,
      force: plan.force ?? false,
      attachment_ids: content.files.map((it) => it.id),
      ...(!isNote && conversation.channel_type === "email" && { html: content.html, cc, bcc: content.bcc }),
      ...(plan.at && {
        send_at: plan.at.toISOString(),
        cancel_if_customer_writes: plan.cancelIfCustomerWrites ?? false,
      }),
      ...(last && { last_seen_message_id: last }),
      ...(canned && { canned_reply_id: canned }),
      ...(suggestion && !isNote && { suggestion_id: suggestion }),
    };
  }

  return {
    send,
    busy: isBusy,
    cc,
    unseen,
    look: () => {
      begun.current = undefined;
      setUnseen(undefined);
      void client.invalidateQueries({ queryKey: ["messages", conversation.id] });
    },
    from: (it) => {
      origin.current = { ...origin.current, ...it };
    },
  };
}

/** Who had a copy of the newest mail gets one of the answer. */
function copiesOf(messages: Message[], { contact }: Conversation): string[] {
  const mail = messages.findLast((it) => it.direction === "inbound" || it.direction === "outbound");
  return mail?.cc.filter((it) => it !== contact.email) ?? [];
}
