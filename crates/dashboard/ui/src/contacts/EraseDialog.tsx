/** Erasing a person: what goes with them is told before and after. */

import { List, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { nameOf } from "../people/names";
import { Confirm } from "../settings/parts/Confirm";
import { useSave } from "../settings/parts/forms";
import type { Contact } from "./queries";

export function EraseDialog({ contact: it, onClose }: { contact: Contact; onClose: () => void }) {
  const { t } = useTranslation("contacts");
  const client = useQueryClient();
  const navigate = useNavigate();
  const params = { path: { id: it.id } };
  const { data: conversations } = useQuery({
    queryKey: ["conversations", "count", it.id],
    queryFn: () => answer(api.GET("/api/conversations", { params: { query: { contact_id: it.id, per_page: 1 } } })),
  });
  const name = nameOf(it, t("unknown"));
  const erase = useSave(
    () => answer(api.DELETE("/api/contacts/{id}", { params })),
    async ({ result }) => {
      onClose();
      const { conversations, messages, attachments } = result;
      notifications.show({ message: t("erase.done", { name, conversations, messages, attachments }), autoClose: 10_000 });
      await navigate({ to: "/contacts", search: true });
      client.removeQueries({ queryKey: ["contact", it.id] });
      void client.invalidateQueries({ queryKey: ["contacts"] });
      void client.invalidateQueries({ queryKey: ["conversations"] });
      void client.invalidateQueries({ queryKey: ["counts"] });
    },
  );
  const total = conversations?.pagination.total;
  return (
    <Confirm
      opened
      onClose={onClose}
      title={t("erase.title", { name })}
      text={
        <>
          <Text size="sm">{t("erase.text")}</Text>
          <List size="sm" my="xs">
            <List.Item>
              {typeof total === "number" ? t("erase.conversations", { count: total }) : t("erase.allConversations")}
            </List.Item>
            <List.Item>{t("erase.messages")}</List.Item>
            <List.Item>{t("erase.addresses", { count: it.emails.length + it.phones.length })}</List.Item>
          </List>
          <Text size="sm">{t("erase.forever")}</Text>
        </>
      }
      name={name}
      label={t("erase.do")}
      saving={erase}
      onConfirm={() => erase.mutate(undefined)}
    />
  );
}
