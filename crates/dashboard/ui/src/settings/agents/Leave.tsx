/** Somebody stops working here, for a while or for good. What they had is told, so that others take it. */

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api, type Schemas } from "../../api/client";
import { LinkAnchor } from "../../shell/links";
import { Confirm } from "../parts/Confirm";
import { Problem, useSave } from "../parts/forms";
import { type Agent, agents } from "../queries";

type Lost = Schemas["UnassignedView"][];

/** As many links are followed; the rest is in the inbox. */
const SHOWN = 20;

interface LeaveProps {
  agent: Agent;
  isGone: boolean;
  /** Called before the list forgets them. */
  onGone: (agent: Agent) => void;
}

export function Leave({ agent, isGone, onGone }: LeaveProps) {
  const { t } = useTranslation("agents");
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const [unassigned, setUnassigned] = useState<Lost>([]);
  const path = { id: agent.id };

  function reload() {
    for (const key of [agents.queryKey, ["assignees"], ["conversations"], ["counts"]]) {
      void client.invalidateQueries({ queryKey: key });
    }
  }

  const toggle = useSave(
    (is_active: boolean) => answer(api.PATCH("/api/agents/{id}", { params: { path }, body: { is_active } })),
    (it) => {
      setUnassigned(it.unassigned);
      reload();
      notifications.show({ message: t(it.is_active ? "leave.enabled" : "leave.disabled", { name: it.name }) });
    },
  );
  const remove = useSave(
    () => answer(api.DELETE("/api/agents/{id}", { params: { path } })),
    (it) => {
      onGone(agent);
      setUnassigned(it.unassigned);
      setAsked(false);
      reload();
      notifications.show({ message: t("leave.deleted", { name: agent.name }) });
    },
  );
  return (
    <Stack>
      <Problem error={toggle.error} />
      {isGone ? (
        <Text size="sm">{t("leave.deleted", { name: agent.name })}</Text>
      ) : (
        <Group>
          <Button
            variant="default"
            loading={toggle.isPending}
            onClick={() => toggle.mutate(!agent.is_active)}
          >
            {t(agent.is_active ? "leave.disable" : "leave.enable")}
          </Button>
          <Button color="red" variant="outline" onClick={() => setAsked(true)}>
            {t("leave.delete")}
          </Button>
        </Group>
      )}
      <Unassigned rows={unassigned} />
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={t("leave.question", { name: agent.name })}
        text={t("leave.text")}
        name={agent.name}
        label={t("leave.delete")}
        saving={remove}
        onConfirm={() => remove.mutate(undefined)}
      />
    </Stack>
  );
}

function Unassigned({ rows }: { rows: Lost }) {
  const { t } = useTranslation("agents");
  if (rows.length === 0) return null;
  return (
    <Alert color="yellow" variant="light" title={t("leave.unassigned", { count: rows.length })}>
      <Group gap="xs">
        {rows.slice(0, SHOWN).map((it) => (
          <LinkAnchor key={it.id} size="sm" to="/inbox/$conversationId" params={{ conversationId: it.id }}>
            #{it.number}
          </LinkAnchor>
        ))}
        <LinkAnchor size="sm" to="/inbox" search={{ assigned_to: "none", status: "open" }}>
          {t("leave.all")}
        </LinkAnchor>
      </Group>
    </Alert>
  );
}
