/** Somebody wrote while the reply was written: what they wrote, before it goes out. */

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { shortTime } from "../lib/times";
import type { Sending } from "./useSending";

export function Stale({ sending: { unseen, send, look } }: { sending: Sending }) {
  const { t } = useTranslation("thread");
  if (!unseen) return null;
  const { messages, plan } = unseen;
  return (
    <Alert
      variant="default"
      p="xs"
      mb="xs"
      role="alert"
      icon={<IconAlertTriangle size={18} color="var(--mantine-color-orange-6)" />}
      title={t("stale.title", { count: messages.length })}
    >
      <Stack gap={4} mah={160} style={{ overflowY: "auto" }} tabIndex={0} role="group" aria-label={t("stale.new")}>
        {messages.map((it) => (
          <div key={it.id}>
            <Text size="xs" fw={600} component="span">
              {it.sender.name ?? it.from?.name ?? it.from?.address ?? t("stale.somebody")}
            </Text>{" "}
            <Text size="xs" c="dimmed" component="time">
              {shortTime(it.created_at)}
            </Text>
            <Text size="sm" className="words" lineClamp={4}>
              {it.text}
            </Text>
          </div>
        ))}
      </Stack>
      <Group gap="xs" mt="xs">
        <Button size="compact-sm" onClick={look}>
          {t("stale.look")}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => void send({ ...plan, force: true })}>
          {t("stale.sendAnyway")}
        </Button>
      </Group>
    </Alert>
  );
}
