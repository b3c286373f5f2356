/** How far an outgoing message has come: taken back while it waits, sent again when it failed. */

import { Button, Group, Text } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconChecks, IconClock } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { useRetry, useTakeBack } from "../api/changes";
import type { Message } from "../api/queries";
import { handBack } from "../composer/handback";
import { said } from "../i18n/said";
import { longTime } from "../lib/times";

/** Seconds; what leaves later was planned. */
const SOON = 120;

const ICON = { size: 14, "aria-hidden": true } as const;

export function Delivery({ message: it }: { message: Message }) {
  return (
    <>
      <HowFar message={it} />
      <Unreached message={it} />
    </>
  );
}

/** Who has not got it though others have, in the words of their mail server. */
function Unreached({ message: it }: { message: Message }) {
  const { t } = useTranslation("thread");
  return it.unreached.map(({ address, reason, pending }) => (
    <Group key={address} gap={6} mt={4} c={pending ? "dimmed" : "red"} wrap="nowrap" align="flex-start">
      <IconAlertCircle {...ICON} />
      <Text size="xs" className="words">
        {t(pending ? "messages.unreachedPending" : "messages.unreached", { address, reason })}
      </Text>
    </Group>
  ));
}

function HowFar({ message: it }: { message: Message }) {
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
            {it.error ? said(it.error) : t("delivery.failed")}
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
  const { t } = useTranslation(["common", "thread"]);
  const takeBack = useTakeBack(it.conversation_id);
  const left = useSecondsUntil(it.send_at);
  const isPlanned = left > SOON && it.send_at !== null;
  return (
    <Group gap={6} mt={6} c="dimmed">
      <IconClock {...ICON} />
      <Text size="xs" title={it.send_at ? longTime(it.send_at) : undefined}>
        {isPlanned
          ? t("delivery.later", { time: longTime(it.send_at ?? "") })
          : left > 0
            ? t("delivery.soon", { count: left })
            : t("delivery.sending")}
        {isPlanned && it.cancel_if_customer_writes && ` · ${t("thread:messages.unlessAnswered")}`}
      </Text>
      {left > 0 && (
        <Button
          size="compact-xs"
          variant="light"
          loading={takeBack.isPending}
          onClick={() => takeBack.mutate(it, { onSuccess: handBack })}
        >
          {isPlanned ? t("thread:cancel") : t("delivery.undo")}
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
