/** Everything of a mailbox that can be changed. */

import { Button, Group, NumberInput, Stack, Switch, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { useEdited } from "../parts/edited";
import { Form, useSave } from "../parts/forms";
import { Part } from "../parts/Page";
import { Unsaved } from "../parts/Unsaved";
import type { Channel } from "../queries";
import { adoptChannel } from "./changes";
import { fromConfig, type MailConfig, type MailForm, toConfig } from "./mail";
import { AccountFields, HostFields, MAIL_FIELDS } from "./MailFields";

export function MailboxSettings({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const { t: common } = useTranslation("settings");
  const client = useQueryClient();
  const formOf = (it: Channel) => fromConfig(it.name, it.config as unknown as MailConfig);
  const { form, setForm, changed, discard, adopt } = useEdited(formOf(channel));
  const save = useSave(
    (sent: MailForm) => {
      const body = { name: sent.name.trim() || sent.address.trim(), config: toConfig(sent) as never };
      return answer(api.PATCH("/api/channels/{id}", { params: { path: { id: channel.id } }, body }));
    },
    (it, sent) => {
      void adoptChannel(client, it);
      adopt(formOf(it), sent);
      notifications.show({ id: "saved", message: common("saved") });
    },
  );
  return (
    <Form saving={save} fields={MAIL_FIELDS} onSubmit={() => save.mutate(form)}>
      <Unsaved changed={changed} />
      <Stack gap={0} maw={640}>
        <Part title={t("mail.account")}>
          <AccountFields form={form} setForm={setForm} error={save.field} isNew={false} />
        </Part>
        <Part title={t("mail.serversTitle")}>
          <HostFields form={form} setForm={setForm} error={save.field} startOpen />
        </Part>
        <Part title={t("replies.title")}>
          <ReplyFields form={form} setForm={setForm} error={save.field} />
        </Part>
        <Group mt="lg">
          <Button type="submit" loading={save.isPending} disabled={!changed}>
            {common("save")}
          </Button>
          {changed && (
            <Button variant="subtle" color="gray" onClick={discard}>
              {common("discard")}
            </Button>
          )}
        </Group>
      </Stack>
    </Form>
  );
}

interface ReplyProps {
  form: MailForm;
  setForm: (form: MailForm) => void;
  error: (field: string) => string | undefined;
}

function ReplyFields({ form, setForm, error }: ReplyProps) {
  const { t } = useTranslation("channels");
  const days = form.new_conversation_after_days;
  return (
    <Stack gap="md">
      <Textarea
        label={t("replies.signature")}
        description={t("replies.signatureHelp")}
        value={form.signature}
        onChange={(event) => setForm({ ...form, signature: event.currentTarget.value })}
        error={error("config.signature")}
        autosize
        minRows={3}
        maxRows={12}
      />
      <Switch
        label={t("replies.quote")}
        description={t("replies.quoteHelp")}
        checked={form.quote_history}
        onChange={(event) => setForm({ ...form, quote_history: event.currentTarget.checked })}
      />
      <Switch
        label={t("replies.always")}
        description={t("replies.alwaysHelp")}
        checked={days === ""}
        onChange={(event) =>
          setForm({ ...form, new_conversation_after_days: event.currentTarget.checked ? "" : 30 })
        }
      />
      {days !== "" && (
        <NumberInput
          label={t("replies.days")}
          value={days}
          onChange={(value) =>
            setForm({ ...form, new_conversation_after_days: typeof value === "number" ? value : 1 })
          }
          min={1}
          max={3650}
          allowDecimal={false}
          maw={280}
          error={error("config.new_conversation_after_days")}
        />
      )}
      <Switch
        label={t("replies.plus")}
        description={t("replies.plusHelp")}
        checked={form.plus_addressing}
        onChange={(event) => setForm({ ...form, plus_addressing: event.currentTarget.checked })}
      />
      <Switch
        label={t("replies.number")}
        description={t("replies.numberHelp")}
        checked={form.subject_number}
        onChange={(event) => setForm({ ...form, subject_number: event.currentTarget.checked })}
      />
    </Stack>
  );
}
