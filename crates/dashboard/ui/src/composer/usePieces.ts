/** What is put into the text without being typed: canned replies, names, suggestions. */

import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { type RefObject, useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../api/changes";
import { answer, api } from "../api/client";
import type { Conversation } from "../api/queries";
import type { EditorHandle } from "./editor";
import type { Suggested } from "./Suggestion";
import type { Choice } from "./useChoices";
import type { Sending } from "./useSending";

export function usePieces(conversation: Conversation, editor: RefObject<EditorHandle | null>, sending: Sending) {
  const { t } = useTranslation("thread");
  const client = useQueryClient();
  const [suggested, setSuggested] = useState<Suggested>();
  const [suggesting, setSuggesting] = useState(false);

  async function pick(choice: Choice): Promise<void> {
    if (choice.kind === "mention") {
      editor.current?.insert({ text: `@${choice.title} `, html: null }, true);
      return;
    }
    try {
      const params = { path: { id: choice.id } };
      const body = { conversation_id: conversation.id };
      const it = await answer(api.POST("/api/canned-replies/{id}/render", { params, body }));
      editor.current?.insert({ text: it.text, html: it.html }, true);
      sending.from({ canned: choice.id });
      void client.invalidateQueries({ queryKey: ["canned-replies"] });
      if (it.missing.length > 0) {
        notifications.show({ color: "yellow", message: t("canned.missing", { list: it.missing.join(", ") }) });
      }
    } catch (error) {
      complain(error);
    }
  }

  async function suggest(): Promise<void> {
    setSuggesting(true);
    try {
      const query = { conversation_id: conversation.id };
      setSuggested(await answer(api.GET("/api/ai-suggest", { params: { query } })));
    } catch (error) {
      complain(error);
    } finally {
      setSuggesting(false);
    }
  }

  return {
    pick,
    suggest: () => void suggest(),
    suggesting,
    suggested,
    closeSuggestion: () => setSuggested(undefined),
    insertSuggestion: () => {
      if (!suggested?.suggestion) return;
      editor.current?.insert({ text: suggested.suggestion, html: null }, false);
      if (suggested.suggestion_id) sending.from({ suggestion: suggested.suggestion_id });
      setSuggested(undefined);
    },
  };
}
