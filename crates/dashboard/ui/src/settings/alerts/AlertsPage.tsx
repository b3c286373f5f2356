/** How this browser draws attention to what happens, and whether keys of one letter do anything. */

import { Alert, Button, Group, Radio, Stack, Switch } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { help } from "../../commands/palette";
import { prefer, preferences, SCOPES } from "../../lib/preferences";
import { useStore } from "../../live/store";
import { ring } from "../../notices/sound";
import { Page } from "../parts/Page";

const canNotify = "Notification" in globalThis;

export default function AlertsPage() {
  const { t } = useTranslation("alerts");
  const { sound, desktop, scope, keys } = useStore(preferences);
  const [permission, setPermission] = useState(canNotify ? Notification.permission : "denied");

  async function allow(wanted: boolean) {
    if (!wanted) return prefer({ desktop: false });
    // Asked here and never by itself.
    const answer = permission === "default" ? await Notification.requestPermission() : permission;
    setPermission(answer);
    prefer({ desktop: answer === "granted" });
  }

  return (
    <Page title={t("page.title")} about={t("page.lead")}>
      <Stack gap="lg">
        <Switch
          label={t("page.desktop")}
          description={t("page.desktopHint")}
          checked={desktop && permission === "granted"}
          disabled={permission === "denied"}
          onChange={(event) => void allow(event.currentTarget.checked)}
        />
        {permission === "denied" && <Alert color="yellow">{t("page.denied")}</Alert>}
        <Group align="center" wrap="nowrap">
          <Switch
            flex={1}
            label={t("page.sound")}
            checked={sound}
            onChange={(event) => prefer({ sound: event.currentTarget.checked })}
          />
          <Button size="compact-sm" variant="default" onClick={ring}>
            {t("page.try")}
          </Button>
        </Group>
        <Radio.Group
          label={t("page.scope")}
          value={scope}
          onChange={(value) => prefer({ scope: SCOPES.find((it) => it === value) ?? "team" })}
        >
          <Stack gap="xs" mt="xs">
            {SCOPES.map((it) => (
              <Radio key={it} value={it} label={t(`page.scopes.${it}`)} />
            ))}
          </Stack>
        </Radio.Group>
        <Group align="center" wrap="nowrap">
          <Switch
            flex={1}
            label={t("page.keys")}
            description={t("page.keysHint")}
            checked={keys}
            onChange={(event) => prefer({ keys: event.currentTarget.checked })}
          />
          <Button size="compact-sm" variant="default" onClick={() => help.set(true)}>
            {t("page.showKeys")}
          </Button>
        </Group>
      </Stack>
    </Page>
  );
}
