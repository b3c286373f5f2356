/** After a merge: how far it is, and the way back. */

import { Button, Group, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../api/changes";
import { answer, api } from "../api/client";
import { isOver, operation } from "./queries";

export function UndoMerge({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation("contacts");
  const client = useQueryClient();
  const { data } = useQuery(operation(id));
  const undo = useMutation({
    mutationFn: () => answer(api.POST("/api/operations/{id}/undo", { params: { path: { id } } })),
    onSuccess: (undone) => client.setQueryData(operation(id).queryKey, undone),
    onError: complain,
  });
  const state = data?.state;
  // Conversations move by and by: what is shown of both is read again at the end.
  useEffect(() => {
    if (!isOver(state)) return;
    for (const queryKey of [["contact"], ["contacts"], ["conversations"]]) void client.invalidateQueries({ queryKey });
  }, [client, state]);
  if (state === "undone") return <Text size="sm">{t("merge.undone")}</Text>;
  if (state === "failed") return <Text size="sm">{data?.error ?? t("merge.failed")}</Text>;
  const undoing = undo.isPending || state === "undoing";
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">{state === "done" ? t("merge.done") : t("merge.running")}</Text>
      <Group gap={4} wrap="nowrap">
        <Button size="compact-sm" variant="light" loading={undoing} onClick={() => undo.mutate()}>
          {t("merge.undo")}
        </Button>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={close}>
          {t("close")}
        </Button>
      </Group>
    </Group>
  );
}
