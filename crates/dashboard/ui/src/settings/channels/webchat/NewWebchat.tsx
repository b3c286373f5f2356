/** Makes a chat for a website. */

import { Button, Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../../api/client";
import { useEdited } from "../../parts/edited";
import { Form, useSave } from "../../parts/forms";
import { Page } from "../../parts/Page";
import { Unsaved } from "../../parts/Unsaved";
import { channels } from "../../queries";
import { adoptChannel } from "../changes";
import { newWebchat, toConfig, type WebchatForm } from "./config";
import { keepSecret } from "./secrets";
import { LookFields, PlaceFields, WEBCHAT_FIELDS } from "./WebchatFields";

export default function NewWebchat() {
  const { t } = useTranslation("channels");
  const { t: common } = useTranslation("settings");
  const client = useQueryClient();
  const navigate = useNavigate();
  const mailboxes = useQuery(channels).data?.filter((it) => it.type === "email") ?? [];
  const { form, setForm, changed, adopt } = useEdited(newWebchat(mailboxes));
  /** Made, while something was typed that it does not have yet. */
  const [made, setMade] = useState<string>();
  const save = useSave(
    (sent: WebchatForm) => {
      const body = { name: sent.name, config: toConfig(sent) as never };
      return made
        ? answer(api.PATCH("/api/channels/{id}", { params: { path: { id: made } }, body }))
        : answer(api.POST("/api/channels", { body: { ...body, type: "webchat" } }));
    },
    async (it, sent) => {
      void adoptChannel(client, keepSecret(it));
      setMade(it.id);
      if (adopt(sent, sent)) return;
      const params = { section: "channels", item: it.id };
      await navigate({ to: "/settings/$section/$item", params, ignoreBlocker: true });
    },
  );
  const props = { form, setForm, error: save.field };
  return (
    <Page title={t("webchat.newTitle")} about={t("webchat.newAbout")} back={{ section: "channels", name: t("title") }}>
      <Unsaved changed={changed} />
      <Form saving={save} fields={WEBCHAT_FIELDS} onSubmit={() => save.mutate(form)}>
        <Stack>
          <PlaceFields {...props} />
          <LookFields {...props} />
          <div>
            <Button type="submit" loading={save.isPending}>
              {made ? common("save") : t("webchat.create")}
            </Button>
          </div>
        </Stack>
      </Form>
    </Page>
  );
}
