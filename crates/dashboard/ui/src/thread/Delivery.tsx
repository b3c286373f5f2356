/** How far an outgoing message has come: taken back while it waits, sent again when it failed. */

import { Button, Group, Text } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconChecks, IconClock } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { useRetry, useTakeBack } from "../api/changes";
import type { Message } from "../api/queries";
import { handBack } from "../composer/handback";
import { longTime, shortTime } from "../lib/times";

const ICON = { size: 14, "aria-hidden": true } as const;

export function Delivery({ message: it }: { message: Message }) {
  const { t } = useTranslation();
  const retry = useRetry(it.conversation_id);
  switch (it.status) {
    case null:
      return null;
    case "queued":
      return <Waiting message={it} />;
    case "failed":
      return (
        <Group gap={6} mt={6} c="red" role="alert">
          <IconAlertCircle {...ICON} />
          <Text size="xs" flex={1} className="words">
            {it.error ?? t("delivery.failed")}
          </Text>
          <Button size="compact-xs" variant="light" color="red" loading={retry.isPending} onClick={() => retry.mutate(it)}>
            {t("delivery.retry")}
          </Button>
        </Group>
      );
    default:
      return (
        <Group gap={4} mt={6} c="dimmed">
          {it.status === "sent" ? <IconCheck {...ICON} /> : <IconChecks {...ICON} />}
          <Text size="xs">{t(`delivery.${it.status}`)}</Text>
        </Group>
      );
  }
}

function Waiting({ message: it }: { message: Message }) {
  const { t } = useTranslation();
  const takeBack = useTakeBack(it.conversation_id);
  const left = useSecondsUntil(it.send_at);
  return (
    <Group gap={6} mt={6} c="dimmed">
      <IconClock {...ICON} />
      <Text size="xs" title={it.send_at ? longTime(it.send_at) : undefined}>
        {left > 120 && it.send_at
          ? t("delivery.later", { time: shortTime(it.send_at) })
          : left > 0
            ? t("delivery.soon", { count: left })
            : t("delivery.sending")}
      </Text>
      {left > 0 && (
        <Button size="compact-xs" variant="light" loading={takeBack.isPending} onClick={() => takeBack.mutate(it, { onSuccess: handBack })}>
          {t("delivery.undo")}
        </Button>
      )}
    </Group>
  );
}

function useSecondsUntil(at: string | null): number {
  const left = () => (at ? Math.max(0, Math.ceil((new Date(at).getTime() - Date.now()) / 1000)) : 0);
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    const ticking = setInterval(() => setSeconds(left()), 1000);
    return () => clearInterval(ticking);
  }, [at]);
  return seconds;
}
