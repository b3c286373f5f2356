/** Makes a chat for a website. */

import { Button, Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../../api/client";
import { Form, useSave } from "../../parts/forms";
import { Page } from "../../parts/Page";
import { Unsaved } from "../../parts/Unsaved";
import { adoptChannel } from "../changes";
import { newWebchat, toConfig } from "./config";
import { keepSecret } from "./secrets";
import { LookFields, PlaceFields, WEBCHAT_FIELDS } from "./WebchatFields";

export default function NewWebchat() {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [form, setForm] = useState(newWebchat);
  const [done, setDone] = useState(false);
  const save = useSave(
    () => {
      const body = { type: "webchat" as const, name: form.name, config: toConfig(form) as never };
      return answer(api.POST("/api/channels", { body }));
    },
    async (it) => {
      setDone(true);
      void adoptChannel(client, keepSecret(it));
      const params = { section: "channels", item: it.id };
      await navigate({ to: "/settings/$section/$item", params, ignoreBlocker: true });
    },
  );
  const props = { form, setForm, error: save.field };
  return (
    <Page title={t("webchat.newTitle")} about={t("webchat.newAbout")} back={{ section: "channels", name: t("title") }}>
      <Unsaved changed={form.name !== "" && !done} />
      <Form saving={save} fields={WEBCHAT_FIELDS} onSubmit={() => save.mutate(undefined)}>
        <Stack>
          <PlaceFields {...props} />
          <LookFields {...props} />
          <div>
            <Button type="submit" loading={save.isPending}>
              {t("webchat.create")}
            </Button>
          </div>
        </Stack>
      </Form>
    </Page>
  );
}
