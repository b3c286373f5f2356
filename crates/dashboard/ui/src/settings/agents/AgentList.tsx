/** Everybody with an account, and the way to more of them. */

import { Avatar, Badge, Button, Group, Modal, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { shortTime } from "../../lib/times";
import { Page } from "../parts/Page";
import { Row, Rows } from "../parts/Rows";
import { type Agent, agents } from "../queries";
import { Invite } from "./Invite";

export function AgentList() {
  const { t } = useTranslation(["agents", "settings"]);
  const { data } = useSuspenseQuery(agents);
  const [inviting, setInviting] = useState(false);
  return (
    <Page
      title={t("title")}
      about={t("about")}
      action={<Button onClick={() => setInviting(true)}>{t("invite.title")}</Button>}
      wide
    >
      <Rows label={t("title")}>
        {data.map((it) => (
          <Row
            key={it.id}
            name={it.name}
            open={{ section: "agents", item: it.id }}
            icon={<Avatar name={it.name} size={36} color="initials" aria-hidden />}
            about={it.email}
          >
            <Group gap="xs">
              <Standing agent={it} />
              <Badge variant={it.role === "admin" ? "filled" : "default"} tt="none">
                {t(`roles.${it.role}`)}
              </Badge>
            </Group>
          </Row>
        ))}
      </Rows>
      <Modal
        opened={inviting}
        onClose={() => setInviting(false)}
        title={t("invite.title")}
      >
        <Invite onDone={() => setInviting(false)} />
      </Modal>
    </Page>
  );
}

export function Standing({ agent }: { agent: Agent }) {
  const { t } = useTranslation("agents");
  if (!agent.is_active) {
    return (
      <Badge color="gray" variant="light" tt="none">
        {t("disabled")}
      </Badge>
    );
  }
  if (agent.invited) {
    return (
      <Badge color="yellow" variant="light" tt="none">
        {t("invited")}
      </Badge>
    );
  }
  return (
    <Text component="span" size="xs" c="dimmed">
      {agent.last_seen_at ? t("seen", { time: shortTime(agent.last_seen_at) }) : t("neverSeen")}
    </Text>
  );
}
