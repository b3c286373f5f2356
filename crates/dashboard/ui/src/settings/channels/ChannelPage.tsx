/** One channel: how it fares, its settings, its mail. */

import { Stack, Switch, Tabs } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { StepsLeft } from "../../access/StepsLeft";
import { complain } from "../../api/changes";
import { answer, api } from "../../api/client";
import { Page, Part } from "../parts/Page";
import { type Channel, channel } from "../queries";
import { Backfill } from "./Backfill";
import { adoptChannel } from "./changes";
import { ConnectionTest } from "./ConnectionTest";
import { DeleteChannel } from "./DeleteChannel";
import { HealthDetails } from "./Health";
import { Ledger } from "./Ledger";
import { MailboxSettings } from "./MailboxSettings";
import { WebchatPage } from "./webchat/WebchatPage";

export default function ChannelPage({ id }: { id: string }) {
  const { t } = useTranslation("channels");
  const { data } = useSuspenseQuery(channel(id));
  return (
    <Page
      title={data.name}
      about={t(`types.${data.type}`)}
      back={{ section: "channels", name: t("title") }}
      action={<OnOff channel={data} />}
      wide
    >
      <StepsLeft />
      {data.type === "email" ? <Mailbox channel={data} /> : data.type === "webchat" ? <WebchatPage channel={data} /> : null}
    </Page>
  );
}

function OnOff({ channel: it }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const toggle = useMutation({
    mutationFn: (is_active: boolean) =>
      answer(api.PATCH("/api/channels/{id}", { params: { path: { id: it.id } }, body: { is_active } })),
    onSuccess: (changed) => {
      void adoptChannel(client, changed);
      notifications.show({ message: t(changed.is_active ? "switchedOn" : "switchedOff", { name: changed.name }) });
    },
    onError: complain,
  });
  return (
    <Switch
      label={t("active")}
      checked={toggle.isPending ? toggle.variables : it.is_active}
      onChange={(event) => toggle.mutate(event.currentTarget.checked)}
    />
  );
}

const TABS = ["overview", "settings", "mail"] as const;

function Mailbox({ channel: it }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const { tab } = useSearch({ strict: false });
  const navigate = useNavigate();
  const open = TABS.find((name) => name === tab) ?? "overview";
  return (
    <Tabs
      value={open}
      onChange={(value) =>
        void navigate({
          to: "/settings/$section/$item",
          params: { section: "channels", item: it.id },
          search: value && value !== "overview" ? { tab: value } : {},
        })
      }
      keepMounted={false}
    >
      <Tabs.List mb="lg">
        <Tabs.Tab value="overview">{t("tabs.overview")}</Tabs.Tab>
        <Tabs.Tab value="settings">{t("tabs.settings")}</Tabs.Tab>
        <Tabs.Tab value="mail">
          {it.health.quarantined > 0
            ? t("tabs.mailCount", { count: it.health.quarantined })
            : t("tabs.mail")}
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="overview">
        <Stack gap={0} maw={720}>
          <Part title={t("health.title")}>
            <HealthDetails channel={it} />
          </Part>
          <Part title={t("test.title")} about={t("test.about")}>
            <ConnectionTest id={it.id} />
          </Part>
          <Part title={t("backfill.title")} about={t("backfill.about")}>
            <Backfill channel={it} />
          </Part>
          <Part title={t("delete.title")} about={t("delete.about")}>
            <DeleteChannel channel={it} />
          </Part>
        </Stack>
      </Tabs.Panel>
      <Tabs.Panel value="settings">
        <MailboxSettings channel={it} />
      </Tabs.Panel>
      <Tabs.Panel value="mail">
        <Ledger channel={it} />
      </Tabs.Panel>
    </Tabs>
  );
}
