import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { complain } from "../../api/changes";
import { answer, api } from "../../api/client";
import { anImport, type Import } from "./imports";

/** How far it is. */
export function Progressing({ it }: { it: Import }) {
  const { t } = useTranslation("imports");
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => answer(api.POST("/api/contacts/imports/{id}/cancel", { params: { path: { id: it.id } } })),
    onSuccess: (stopped) => client.setQueryData(anImport(it.id).queryKey, stopped),
    onError: complain,
  });
  return (
    <Stack gap="xs" role="status">
      <Text size="sm">{t(it.dry_run ? "trying" : "running", { done: it.done, total: it.total })}</Text>
      <Progress value={it.total > 0 ? (100 * it.done) / it.total : 0} aria-label={t("progress")} animated />
      <Group>
        <Button variant="default" size="xs" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          {t("cancel")}
        </Button>
      </Group>
    </Stack>
  );
}
