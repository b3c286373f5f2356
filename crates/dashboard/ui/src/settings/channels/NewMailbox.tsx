/** Connects a mailbox: it is switched on only once both its servers let us in. */

import { Button, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api, type Schemas } from "../../api/client";
import { LinkButton } from "../../shell/links";
import { useEdited } from "../parts/edited";
import { Form, useSave } from "../parts/forms";
import { Page } from "../parts/Page";
import { Unsaved } from "../parts/Unsaved";
import type { Channel } from "../queries";
import { adoptChannel } from "./changes";
import { TestSteps } from "./ConnectionTest";
import { type MailForm, newMailbox, toConfig } from "./mail";
import { AccountFields, HostFields, MAIL_FIELDS } from "./MailFields";

export default function NewMailbox() {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [blank] = useState(newMailbox);
  const { form, setForm, changed, adopt } = useEdited(blank);
  /** Kept, though it does not work yet: the next try changes it. */
  const [made, setMade] = useState<Channel>();
  const [tested, setTested] = useState<Schemas["TestView"]>();

  const save = useSave(
    async (sent: MailForm) => {
      setTested(undefined);
      const body = { name: sent.name.trim() || sent.address.trim(), config: toConfig(sent) as never };
      const params = (id: string) => ({ params: { path: { id } } });
      const channel = made
        ? await answer(api.PATCH("/api/channels/{id}", { ...params(made.id), body }))
        : await answer(api.POST("/api/channels", { body: { ...body, type: "email", is_active: false } }));
      setMade(channel);
      adopt(sent, sent);
      void adoptChannel(client, channel);
      const result = await answer(api.POST("/api/channels/{id}/test", params(channel.id)));
      setTested(result);
      if (!result.ok) return undefined;
      return answer(api.PATCH("/api/channels/{id}", { ...params(channel.id), body: { is_active: true } }));
    },
    async (channel, sent) => {
      if (!channel) return;
      void adoptChannel(client, channel);
      notifications.show({ color: "green", message: t("mail.connected", { name: channel.name }) });
      if (adopt(sent, sent)) return;
      const params = { section: "channels", item: channel.id };
      await navigate({ to: "/settings/$section/$item", params, ignoreBlocker: true });
    },
  );

  return (
    <Page title={t("mail.newTitle")} about={t("mail.newAbout")} back={{ section: "channels", name: t("title") }}>
      <Unsaved changed={changed} />
      <Form saving={save} fields={MAIL_FIELDS} onSubmit={() => save.mutate(form)}>
        <Stack>
          <AccountFields form={form} setForm={setForm} error={save.field} isNew={!made} />
          <HostFields form={form} setForm={setForm} error={save.field} startOpen={false} />
          {tested && <TestSteps result={tested} />}
          {tested && !tested.ok && (
            <Text size="sm" role="status">
              {t("mail.notYet")}
            </Text>
          )}
          <Group>
            <Button type="submit" loading={save.isPending}>
              {made ? t("mail.tryAgain") : t("mail.connect")}
            </Button>
            {made && (
              <LinkButton
                variant="default"
                to="/settings/$section/$item"
                params={{ section: "channels", item: made.id }}
              >
                {t("mail.later")}
              </LinkButton>
            )}
          </Group>
          {save.isPending && (
            <Text size="sm" c="dimmed" role="status">
              {t("mail.connecting")}
            </Text>
          )}
        </Stack>
      </Form>
    </Page>
  );
}

