/** Showing a message to somebody outside the conversation. */

import { Button, Checkbox, Group, Modal, Select, Text, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { complain, refresh } from "../api/changes";
import { ApiError, answer, api } from "../api/client";
import { conversation, counts, type Message } from "../api/queries";
import { useKept } from "../people/kept";

export function ForwardDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation("thread");
  const client = useQueryClient();
  const [to, setTo] = useKept(`${message.id}.forward.to`, "");
  const [text, setText] = useKept(`${message.id}.forward.text`, "");
  const [join, setJoin] = useState(false);
  const [over, setOver] = useState<string | null>(null);
  const { data: about } = useQuery(conversation(message.conversation_id));
  const { data: numbers } = useQuery(counts);
  // A chat has no mailbox of its own: it goes out over one of those there are.
  const isChat = about !== undefined && about.channel_type !== "email";
  const mailboxes = isChat ? (numbers?.channels.filter((it) => it.type === "email") ?? []) : [];
  const forward = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/messages/{id}/forward", {
          params: { path: { id: message.id } },
          body: { to: to.trim(), text: text.trim() || null, add_participant: join, channel_id: over },
        }),
      ),
    onSuccess: () => {
      refresh(client, message.conversation_id);
      notifications.show({ message: t("forward.done", { to: to.trim() }) });
      setTo("");
      setText("");
      onClose();
    },
    onError: (error) => {
      const shown = error instanceof ApiError && (error.field("to") ?? (mailboxes.length > 1 && error.field("channel_id")));
      if (!shown) complain(error);
    },
  });
  const wrong = forward.error instanceof ApiError ? forward.error.field("to") : undefined;
  return (
    <Modal opened onClose={onClose} title={t("forward.title")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          forward.mutate();
        }}
      >
        <TextInput
          data-autofocus
          type="email"
          required
          withAsterisk={false}
          label={t("forward.to")}
          value={to}
          error={wrong}
          onChange={(event) => {
            setTo(event.currentTarget.value);
            forward.reset();
          }}
        />
        <Textarea
          mt="sm"
          label={t("forward.text")}
          autosize
          minRows={3}
          maxRows={10}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {mailboxes.length > 1 && (
          <Select
            mt="sm"
            label={t("forward.over")}
            data={mailboxes.map((it) => ({ value: it.id, label: it.name }))}
            value={over}
            placeholder={t("forward.overUsual")}
            error={forward.error instanceof ApiError ? forward.error.field("channel_id") : undefined}
            onChange={(value) => {
              setOver(value);
              forward.reset();
            }}
            clearable
            clearButtonProps={{ "aria-label": t("forward.overUsual") }}
          />
        )}
        {isChat ? (
          <Text mt="sm" size="xs" c="dimmed">
            {t("forward.overHelp")}
          </Text>
        ) : (
          <Checkbox
            mt="sm"
            label={t("forward.join")}
            description={t("forward.joinHint")}
            checked={join}
            onChange={(event) => setJoin(event.currentTarget.checked)}
          />
        )}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" loading={forward.isPending} disabled={!to.trim()}>
            {t("forward.do")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
