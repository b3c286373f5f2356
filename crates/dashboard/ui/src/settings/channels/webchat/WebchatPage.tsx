/** A web chat: the code for the site, its settings, who its visitors are. */

import { Anchor, Button, Group, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconExternalLink } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../../api/client";
import { CopyText } from "../../parts/CopyText";
import { useEdited } from "../../parts/edited";
import { Form, useSave } from "../../parts/forms";
import { Part } from "../../parts/Page";
import { Unsaved } from "../../parts/Unsaved";
import type { Channel } from "../../queries";
import { adoptChannel } from "../changes";
import { DeleteChannel } from "../DeleteChannel";
import { fromConfig, snippet, toConfig, type WebchatConfig, type WebchatForm } from "./config";
import { Identity } from "./Identity";
import { LookFields, PlaceFields, TalkFields, WEBCHAT_FIELDS } from "./WebchatFields";

export function WebchatPage({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  return (
    <Stack gap={0} maw={720}>
      <Part title={t("webchat.embed")} about={t("webchat.embedAbout")}>
        <CopyText label={t("webchat.snippet")} value={snippet(location.origin, channel.id)} block />
        {channel.is_active && (
          <Anchor href={`/widget/${channel.id}/frame`} target="_blank" rel="noopener" size="sm">
            <Group component="span" gap={4}>
              {t("webchat.preview")}
              <IconExternalLink size={14} aria-hidden />
            </Group>
          </Anchor>
        )}
      </Part>
      <Settings channel={channel} />
      <Part title={t("identity.title")} about={t("identity.about")}>
        <Identity channel={channel} />
      </Part>
      <Part title={t("delete.title")} about={t("delete.about")}>
        <DeleteChannel channel={channel} />
      </Part>
    </Stack>
  );
}

/** Whether identity is enforced is decided elsewhere on the page. */
function told(form: WebchatForm) {
  const { enforce_identity: _, ...config } = toConfig(form);
  return { name: form.name, config: config as never };
}

function Settings({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const { t: common } = useTranslation("settings");
  const client = useQueryClient();
  const formOf = (it: Channel) => fromConfig(it.name, it.config as unknown as WebchatConfig);
  const { form, setForm, changed, discard, adopt } = useEdited(formOf(channel), told);
  const save = useSave(
    (sent: WebchatForm) => {
      return answer(api.PATCH("/api/channels/{id}", { params: { path: { id: channel.id } }, body: told(sent) }));
    },
    (it, sent) => {
      void adoptChannel(client, it);
      adopt(formOf(it), sent);
      notifications.show({ id: "saved", message: common("saved") });
    },
  );
  const props = { form, setForm, error: save.field };
  return (
    <Part title={t("webchat.settings")}>
      <Unsaved changed={changed} />
      <Form saving={save} fields={WEBCHAT_FIELDS} onSubmit={() => save.mutate(form)}>
        <Stack gap="md">
          <PlaceFields {...props} />
          <LookFields {...props} />
          <TalkFields {...props} />
          <Group>
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
    </Part>
  );
}
