/** Says that the customer is writing in the chat. */

import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Conversation } from "../api/queries";
import { useVisitorTyping } from "../live/visitors";

export function VisitorTyping({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("thread");
  const isTyping = useVisitorTyping(conversation.id);
  if (!isTyping) return null;
  return (
    <Text size="sm" c="dimmed" px="md" py={4} role="status">
      {t("visitorTypes", { name: conversation.contact.name ?? conversation.contact.email ?? "…" })}
    </Text>
  );
}
