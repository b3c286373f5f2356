/** Two tags that mean the same become one. */

import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { Form, useSave } from "../parts/forms";
import type { UsedTag } from "../queries";
import { refreshTags } from "./refresh";

export function MergeTag({ tag, all, onClose }: { tag: UsedTag; all: readonly UsedTag[]; onClose: () => void }) {
  const { t } = useTranslation(["tags", "settings"]);
  const client = useQueryClient();
  const [into, setInto] = useState<string | null>(null);
  const merge = useSave(
    () => answer(api.POST("/api/tags/{id}/merge", { params: { path: { id: tag.id } }, body: { into: into ?? "" } })),
    (it) => {
      refreshTags(client);
      notifications.show({ message: t("merged", { name: tag.name, into: it.name }) });
      onClose();
    },
  );
  return (
    <Modal opened onClose={onClose} title={t("mergeTitle", { name: tag.name })}>
      <Form saving={merge} fields={["into"]} onSubmit={() => merge.mutate(undefined)}>
        <Stack>
          <Text size="sm">{t("mergeText", { name: tag.name })}</Text>
          <Select
            label={t("into")}
            data={all.filter((it) => it.id !== tag.id).map((it) => ({ value: it.id, label: it.name }))}
            value={into}
            onChange={setInto}
            error={merge.field("into")}
            nothingFoundMessage={t("nothing")}
            searchable
            required
            data-autofocus
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("settings:cancel")}
            </Button>
            <Button type="submit" loading={merge.isPending} disabled={!into}>
              {t("merge")}
            </Button>
          </Group>
        </Stack>
      </Form>
    </Modal>
  );
}
