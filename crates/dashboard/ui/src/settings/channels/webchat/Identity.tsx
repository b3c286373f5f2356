/** How a site proves who its visitors are: a secret told once, and whether nothing goes without it. */

import { Alert, Button, Code, Group, Stack, Switch, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconKey } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../../../api/changes";
import { answer, api } from "../../../api/client";
import { Confirm } from "../../parts/Confirm";
import { CopyText } from "../../parts/CopyText";
import { useSave } from "../../parts/forms";
import type { Channel } from "../../queries";
import { adoptChannel } from "../changes";
import type { WebchatConfig } from "./config";
import { forgetSecret, keepSecret, secretOf } from "./secrets";

/** `expiresAt` in seconds since 1970, as it was signed. */
const IDENTIFY = `(window.Deskbell ??= []).push(["identify", {
  userId: "42", name: "Ann", email: "ann@example.com",
  expiresAt: expires_at, signature: signature
}]);`;

export function Identity({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const { t: common } = useTranslation("settings");
  const client = useQueryClient();
  const config = channel.config as unknown as WebchatConfig;
  const [secret, setSecret] = useState(() => secretOf(channel.id));
  const [asked, setAsked] = useState(false);
  const change = (config: object) =>
    answer(api.PATCH("/api/channels/{id}", { params: { path: { id: channel.id } }, body: { config: config as never } }));
  const rotate = useSave(
    () => change({ new_identity_secret: true }),
    (it) => {
      void adoptChannel(client, keepSecret(it));
      setSecret(secretOf(channel.id));
      setAsked(false);
    },
  );
  const enforce = useMutation({
    mutationFn: (enforce_identity: boolean) => change({ enforce_identity }),
    onSuccess: async (it) => {
      await adoptChannel(client, it);
      notifications.show({ id: "saved", message: common("saved") });
    },
    onError: complain,
  });
  // Left, the page never tells it again.
  useEffect(() => () => forgetSecret(channel.id), [channel.id]);
  return (
    <Stack gap="md">
      {secret && (
        <Alert color="yellow" variant="light" icon={<IconKey size={18} aria-hidden />} title={t("identity.once")}>
          <CopyText label={t("identity.secret")} value={secret} />
        </Alert>
      )}
      <Switch
        label={t("identity.enforce")}
        description={t("identity.enforceHelp")}
        checked={enforce.isPending ? enforce.variables : config.enforce_identity}
        onChange={(event) => enforce.mutate(event.currentTarget.checked)}
      />
      <div>
        <Text size="sm" mb={4}>
          {t("identity.how")}
        </Text>
        <Code block tabIndex={0} aria-label={t("identity.how")}>
          {`signature = hex(hmac_sha256(secret,\n  "${channel.id}" + "\\n" + user_id + "\\n" + expires_at))`}
        </Code>
        <Text size="sm" mt="xs" mb={4}>
          {t("identity.hand")}
        </Text>
        <Code block tabIndex={0} aria-label={t("identity.hand")}>
          {IDENTIFY}
        </Code>
      </div>
      <Group>
        <Button variant="default" onClick={() => setAsked(true)}>
          {t("identity.rotate")}
        </Button>
      </Group>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={t("identity.rotate")}
        text={t("identity.rotateText")}
        label={t("identity.rotate")}
        saving={rotate}
        onConfirm={() => rotate.mutate(undefined)}
      />
    </Stack>
  );
}
