/** Deleting a tag: from how many it goes, and what goes on naming it. */

import { List, Loader, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { Confirm } from "../parts/Confirm";
import { useSave } from "../parts/forms";
import { namedTag, type UsedTag } from "../queries";
import { refreshTags } from "./refresh";

export function DeleteTag({ tag: it, onClose }: { tag: UsedTag; onClose: () => void }) {
  const { t } = useTranslation("tags");
  const client = useQueryClient();
  const remove = useSave(
    () => answer(api.DELETE("/api/tags/{id}", { params: { path: { id: it.id } } })),
    () => {
      refreshTags(client);
      notifications.show({ message: t("deleted", { name: it.name }) });
      onClose();
    },
  );
  // Nobody asks for what is being deleted.
  const { data, isPending } = useQuery({ ...namedTag(it.id), enabled: remove.isIdle || remove.isError });
  const conversations = it.conversations === null ? t("manyConversations") : t("conversations", { count: it.conversations });
  const contacts = it.contacts === null ? t("manyContacts") : t("contacts", { count: it.contacts });
  const isUsed = it.conversations !== 0 || it.contacts !== 0;
  return (
    <Confirm
      opened
      onClose={onClose}
      title={t("deleteTitle", { name: it.name })}
      text={
        <>
          {isUsed ? t("deleteUsed", { conversations, contacts }) : t("deleteUnused")}
          {isPending && <Loader size="xs" mt="xs" />}
          {data && data.named_by.length > 0 && (
            <>
              <Text size="sm" mt="xs">
                {t("namedBy")}
              </Text>
              <List size="sm">
                {data.named_by.map((one) => (
                  <List.Item key={one.id}>
                    {t(`users.${one.type}`)}: {one.name}
                  </List.Item>
                ))}
              </List>
            </>
          )}
        </>
      }
      {...(isUsed && { name: it.name })}
      label={t("delete")}
      saving={remove}
      onConfirm={() => remove.mutate(undefined)}
    />
  );
}
