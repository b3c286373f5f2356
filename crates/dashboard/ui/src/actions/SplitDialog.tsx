/** Making a conversation of its own of a message and all after it. */

import { Button, Group, Modal, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import type { Message } from "../api/queries";
import { useOperation } from "./operations";

export function SplitDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation("thread");
  const [subject, setSubject] = useState("");
  const split = useOperation(
    () =>
      answer(
        api.POST("/api/conversations/{id}/split", {
          params: { path: { id: message.conversation_id } },
          body: { message_id: message.id, ...(subject.trim() && { subject: subject.trim() }) },
        }),
      ),
    t("split.done"),
  );
  return (
    <Modal opened onClose={onClose} title={t("split.title")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          split.mutate(undefined, { onSuccess: onClose });
        }}
      >
        <Text size="sm" c="dimmed" mb="xs">
          {t("split.hint")}
        </Text>
        <Text size="sm" className="words" lineClamp={3} mb="sm">
          {message.text}
        </Text>
        <TextInput
          data-autofocus
          label={t("split.subject")}
          description={t("split.subjectHint")}
          value={subject}
          maxLength={200}
          onChange={(event) => setSubject(event.currentTarget.value)}
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" loading={split.isPending}>
            {t("split.do")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
