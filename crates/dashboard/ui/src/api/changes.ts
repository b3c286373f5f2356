/** Everything the screens change. What a change touches is read again; the list moves at once. */

import { notifications } from "@mantine/notifications";
import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";

import i18n from "../i18n";
import { show } from "../live/apply";
import { ApiError, answer, api, type Schemas } from "./client";
import type { Conversation, Message } from "./queries";

/** Tells what went wrong, in the server's words where it has some. */
export function complain(error: unknown): void {
  const message = error instanceof ApiError ? error.message : i18n.t("error.unreachable");
  notifications.show({ color: "red", message });
}

/** Puts a conversation as the server now sees it wherever it is shown. */
function adopt(client: QueryClient, it: Conversation): void {
  client.setQueryData(["conversation", it.id], it);
  show(client, it);
  void client.invalidateQueries({ queryKey: ["counts"] });
}

function useConversationChange<Asked>(change: (asked: Asked) => Promise<Conversation>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (it) => adopt(client, it),
    onError: complain,
  });
}

export const useSetStatus = (id: string) =>
  useConversationChange((body: Schemas["SetStatus"]) =>
    answer(api.POST("/api/conversations/{id}/status", { params: { path: { id } }, body })),
  );

export const useAssign = (id: string) =>
  useConversationChange((agent_id: string | null) =>
    answer(api.POST("/api/conversations/{id}/assign", { params: { path: { id } }, body: { agent_id } })),
  );

export const useAddTag = (id: string) =>
  useConversationChange((tag: string) =>
    answer(api.POST("/api/conversations/{id}/tags", { params: { path: { id } }, body: { tag } })),
  );

export const useRemoveTag = (id: string) =>
  useConversationChange((tag: string) =>
    answer(api.DELETE("/api/conversations/{id}/tags/{tag}", { params: { path: { id, tag } } })),
  );

export const useChange = (id: string) =>
  useConversationChange((body: Schemas["Change"]) =>
    answer(api.PATCH("/api/conversations/{id}", { params: { path: { id } }, body })),
  );

export function useSend(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ key, body }: { key: string; body: Schemas["Send"] }) => {
      // The same key for the same try: sent again after a lost answer, it is one message.
      const header = { "Idempotency-Key": key };
      const params = { path: { id }, header };
      return answer(api.POST("/api/conversations/{id}/messages", { params, body }));
    },
    onSuccess: () => refresh(client, id),
  });
}

export function useTakeBack(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (message: Message) =>
      answer(api.DELETE("/api/messages/{id}", { params: { path: { id: message.id } } })),
    onSuccess: () => refresh(client, id),
    onError: complain,
  });
}

export function useRetry(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (message: Message) =>
      answer(api.POST("/api/messages/{id}/retry", { params: { path: { id: message.id } } })),
    onSuccess: () => refresh(client, id),
    onError: complain,
  });
}

/** Reads again what a new or changed message shows in. */
export function refresh(client: QueryClient, conversation: string): void {
  for (const key of [["messages", conversation], ["conversation", conversation]]) {
    void client.invalidateQueries({ queryKey: key });
  }
}
