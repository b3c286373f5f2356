/** One mail of the ledger: why it became what it became, and another try. */

import { Anchor, Badge, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload, IconRefresh } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { bytes, longTime } from "../../lib/times";
import { LinkAnchor } from "../../shell/links";
import { Problem, useSave } from "../parts/forms";
import { channel as one, type Mail } from "../queries";
import { FATE_COLORS } from "./Ledger";
import classes from "./Ledger.module.css";

export function MailDetails({ channel, mail, onClose }: { channel: string; mail: Mail | undefined; onClose: () => void }) {
  const { t } = useTranslation(["channels", "settings"]);
  return (
    <Modal
      opened={mail !== undefined}
      onClose={onClose}
      size="lg"
      title={mail?.subject ?? t("ledger.noSubject")}
    >
      {mail && <Inside channel={channel} listed={mail} />}
    </Modal>
  );
}

function Inside({ channel, listed }: { channel: string; listed: Mail }) {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const path = { id: channel, mail_id: listed.id };
  const key = ["settings", "mail", listed.id];
  const read = useQuery({
    queryKey: key,
    queryFn: () => answer(api.GET("/api/channels/{id}/mail/{mail_id}", { params: { path } })),
    initialData: listed,
    // Played again, it waits for a worker.
    refetchInterval: (query) => (query.state.data?.fate === "pending" ? 1000 : false),
  });
  const replay = useSave(
    () => answer(api.POST("/api/channels/{id}/mail/{mail_id}/replay", { params: { path } })),
    (it) => {
      client.setQueryData(key, it);
      void client.invalidateQueries({ queryKey: ["settings", "mails", channel] });
      void client.invalidateQueries({ queryKey: one(channel).queryKey });
      notifications.show({ message: t("ledger.replayed") });
    },
  );
  const it = read.data;
  const facts: [string, ReactNode][] = [
    [t("ledger.from"), it.from ?? t("ledger.nobody")],
    [t("ledger.received"), longTime(it.received_at)],
    ...(it.settled_at ? [[t("ledger.settled"), longTime(it.settled_at)] as [string, string]] : []),
    [t("ledger.size"), bytes(it.size)],
    [t("ledger.source"), it.source],
    [t("ledger.attempts"), it.attempts],
    ...(it.backfill ? [[t("ledger.how"), t("ledger.backfilled")] as [string, string]] : []),
  ];
  return (
    <Stack>
      <Group gap="xs">
        <Badge color={FATE_COLORS[it.fate]} variant="light" tt="none">
          {t(`fate.${it.fate}`)}
        </Badge>
        <Text size="sm">{t(`fateText.${it.fate}`)}</Text>
      </Group>
      {it.reason && (
        <Text size="sm" className="words" fw={600}>
          {it.reason}
        </Text>
      )}
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <Fact key={name} name={name} value={value} />
        ))}
      </dl>
      <Problem error={replay.error} />
      <Group>
        {it.conversation_id && (
          <LinkAnchor size="sm" to="/inbox/$conversationId" params={{ conversationId: it.conversation_id }}>
            {t("ledger.conversation")}
          </LinkAnchor>
        )}
        {it.has_raw && (
          <Anchor size="sm" href={`/api/channels/${channel}/mail/${it.id}/raw`} download>
            <Group component="span" gap={4}>
              <IconDownload size={16} aria-hidden />
              {t("ledger.raw")}
            </Group>
          </Anchor>
        )}
        {it.has_raw && (it.fate === "quarantined" || it.fate === "ignored") && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={replay.isPending}
            onClick={() => replay.mutate(undefined)}
          >
            {t("ledger.replay")}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
