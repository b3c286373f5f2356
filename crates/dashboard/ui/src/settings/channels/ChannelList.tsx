/** Every channel with how it fares. */

import { Badge, Group, Switch, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconMessageCircle, IconMail, IconPlugConnected } from "@tabler/icons-react";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { complain } from "../../api/changes";
import { answer, api } from "../../api/client";
import { LinkButton } from "../../shell/links";
import { Empty, Page } from "../parts/Page";
import { Row, Rows } from "../parts/Rows";
import { type Channel, channels } from "../queries";
import { adoptChannel } from "./changes";
import { HealthLine } from "./Health";

export function ChannelList() {
  const { t } = useTranslation("channels");
  const { data } = useSuspenseQuery(channels);
  const add = (
    <LinkButton to="/settings/$section/$item" params={{ section: "channels", item: "new" }}>
      {t("add")}
    </LinkButton>
  );
  if (data.length === 0) {
    return (
      <Page title={t("title")} wide>
        <Empty icon={<IconPlugConnected size={40} />} title={t("empty.title")} text={t("empty.text")} action={add} />
      </Page>
    );
  }
  return (
    <Page title={t("title")} about={t("about")} action={add} wide>
      <Rows label={t("title")}>
        {data.map((it) => (
          <ChannelRow key={it.id} channel={it} />
        ))}
      </Rows>
    </Page>
  );
}

function ChannelRow({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const toggle = useMutation({
    mutationFn: (is_active: boolean) =>
      answer(api.PATCH("/api/channels/{id}", { params: { path: { id: channel.id } }, body: { is_active } })),
    onSuccess: (it) => {
      void adoptChannel(client, it);
      notifications.show({ message: t(it.is_active ? "switchedOn" : "switchedOff", { name: it.name }) });
    },
    onError: complain,
  });
  const address = (channel.config as { address?: string } | null)?.address;
  return (
    <Row
      name={channel.name}
      open={{ section: "channels", item: channel.id }}
      icon={channel.type === "webchat" ? <IconMessageCircle size={22} aria-hidden /> : <IconMail size={22} aria-hidden />}
      about={
        <>
          <Text component="span" inherit mie="xs">
            {address ?? t(`types.${channel.type}`)}
          </Text>
          <HealthLine channel={channel} />
        </>
      }
    >
      <Group gap="sm">
        {channel.health.quarantined > 0 && (
          <Badge color="orange" variant="light" tt="none">
            {t("quarantined", { count: channel.health.quarantined })}
          </Badge>
        )}
        <Switch
          checked={toggle.isPending ? toggle.variables : channel.is_active}
          onChange={(event) => toggle.mutate(event.currentTarget.checked)}
          aria-label={t("switch", { name: channel.name })}
        />
      </Group>
    </Row>
  );
}
