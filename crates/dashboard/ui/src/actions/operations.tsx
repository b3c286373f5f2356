/** What can be undone as a whole: said when it is done, with the way back. */

import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { complain } from "../api/changes";
import { answer, api, type Schemas } from "../api/client";
import i18n from "../i18n";

type Operation = Schemas["Operation"];

/** Milliseconds in which the way back is offered. */
const OFFERED = 15_000;

function readAgain(client: QueryClient): void {
  for (const key of ["conversations", "conversation", "messages", "counts", "drafts"]) {
    void client.invalidateQueries({ queryKey: [key] });
  }
}

/** Merging and splitting: goes where the result is, and offers to undo it. */
export function useOperation<Asked>(start: (asked: Asked) => Promise<Operation>, told: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const show = (id: string | null) => {
    if (id) void navigate({ to: "/inbox/$conversationId", params: { conversationId: id }, search: true });
  };

  async function undo(it: Operation, notice: string) {
    notifications.hide(notice);
    try {
      await answer(api.POST("/api/operations/{id}/undo", { params: { path: { id: it.id } } }));
    } catch (error) {
      complain(error);
      return;
    }
    readAgain(client);
    show(it.source_id);
  }

  return useMutation({
    mutationFn: start,
    onError: complain,
    onSuccess: (it) => {
      readAgain(client);
      show(it.target_id);
      const id = `operation-${it.id}`;
      notifications.show({
        id,
        autoClose: OFFERED,
        message: (
          <Group gap="xs" wrap="nowrap">
            <Text size="sm" flex={1}>
              {told}
            </Text>
            <Button size="compact-sm" variant="light" onClick={() => void undo(it, id)}>
              {i18n.t("delivery.undo")}
            </Button>
          </Group>
        ),
      });
    },
  });
}
