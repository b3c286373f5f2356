/** The first message to a customer, by mail. What was typed stays until it was sent. */

import { Alert, Autocomplete, Button, Group, Modal, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { useTranslation } from "react-i18next";

import { answer, api, type Schemas } from "../api/client";
import { counts } from "../api/queries";
import { newId } from "../lib/ids";
import { useStore } from "../live/store";
import { Form, useSave } from "../settings/parts/forms";
import { type Beginning, begun, composing, sent as wasSent } from "./composing";

type Contact = Schemas["ContactView"];

const FIELDS = ["channel_id", "contact", "subject", "text"] as const;
/** As many letters as a search for a beginning takes. */
const FEWEST = 3;

export function ComposeDialog() {
  const { t } = useTranslation("compose");
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data } = useQuery(counts);
  const it = useStore(begun);
  const sent = useRef({ body: "", key: "" });
  const channels = (data?.channels ?? []).filter((one) => one.type === "email");
  const channel = it.channel ?? channels[0]?.id ?? null;
  const change = (part: Partial<Beginning>) => begun.set({ ...begun.get(), ...part });
  const close = () => composing.set(false);

  const send = useSave(
    ({ body }: { body: Schemas["Open"]; of: Beginning }) => {
      // The same message sent again after a lost answer is one.
      const text = JSON.stringify(body);
      if (sent.current.body !== text) sent.current = { body: text, key: newId() };
      const header = { "Idempotency-Key": sent.current.key };
      return answer(api.POST("/api/conversations", { params: { header }, body }));
    },
    async ({ id }, { of }) => {
      wasSent(of);
      close();
      for (const queryKey of [["conversations"], ["counts"], ["contacts"]]) void client.invalidateQueries({ queryKey });
      await navigate({ to: "/inbox/$conversationId", params: { conversationId: id }, search: { status: "open" } });
    },
  );

  function submit() {
    if (!channel || send.isPending) return;
    const contact = { email: it.to.trim() };
    const body = { channel_id: channel, contact, subject: it.subject.trim() || null, text: it.text };
    send.mutate({ body, of: it });
  }

  return (
    <Modal opened onClose={close} size="lg" title={t("title")}>
      {data && channels.length === 0 ? (
        <Alert color="blue" variant="light">
          {t("noMailbox")}
        </Alert>
      ) : (
        <Form saving={send} fields={FIELDS} onSubmit={submit}>
          <Stack gap="sm">
            {channels.length > 1 && (
              <Select
                label={t("from")}
                data={channels.map((one) => ({ value: one.id, label: one.name }))}
                value={channel}
                error={send.field("channel_id")}
                onChange={(value) => change({ channel: value })}
                allowDeselect={false}
              />
            )}
            <Recipient value={it.to} error={send.field("contact")} onChange={(to) => change({ to })} />
            <TextInput
              label={t("subject")}
              value={it.subject}
              error={send.field("subject")}
              onChange={(event) => change({ subject: event.currentTarget.value })}
            />
            <Textarea
              required
              label={t("text")}
              autosize
              minRows={6}
              maxRows={16}
              value={it.text}
              error={send.field("text")}
              onChange={(event) => change({ text: event.currentTarget.value })}
              onKeyDown={(event) => {
                if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
                event.preventDefault();
                event.currentTarget.form?.requestSubmit();
              }}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t("later")}
              </Button>
              <Button type="submit" loading={send.isPending} disabled={!channel}>
                {t("send")}
              </Button>
            </Group>
          </Stack>
        </Form>
      )}
    </Modal>
  );
}

interface RecipientProps {
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

/** An address, or somebody known, by name. */
function Recipient({ value, error, onChange }: RecipientProps) {
  const { t } = useTranslation("compose");
  const [wanted] = useDebouncedValue(value.trim(), 250);
  const { data } = useQuery({
    queryKey: ["contacts", "choose", wanted],
    queryFn: async ({ signal }) => {
      const query = { search: wanted, per_page: 10 };
      return ((await answer(api.GET("/api/contacts", { params: { query }, signal }))) as { data: Contact[] }).data;
    },
    enabled: wanted.length >= FEWEST,
    placeholderData: (before) => before,
  });
  const names = new Map((data ?? []).flatMap((one) => one.emails.map((email) => [email, one.name] as const)));
  return (
    <Autocomplete
      required
      data-autofocus
      type="email"
      label={t("to")}
      description={t("toHint")}
      data={wanted.length >= FEWEST ? [...names.keys()] : []}
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <div>
          {names.get(option.value) && <Text size="sm">{names.get(option.value)}</Text>}
          <Text size="xs" c="dimmed">
            {option.value}
          </Text>
        </div>
      )}
      value={value}
      error={error}
      onChange={onChange}
    />
  );
}
