/** How a channel fares, in words. */

import { Alert, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconPlayerPause } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { longTime, number, shortTime } from "../../lib/times";
import { type Channel, isStarting } from "../queries";
import { percent } from "./Progress";

/** One line for a list. */
export function HealthLine({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const { health } = channel;
  const [icon, text] = !channel.is_active
    ? [<IconPlayerPause size={14} key="" />, t("health.off")]
    : health.status === "error"
      ? [<IconAlertTriangle size={14} key="" color="var(--mantine-color-red-6)" />, health.last_error ?? t("health.error")]
      : health.status === "ok"
        ? [
            <IconCircleCheck size={14} key="" color="var(--mantine-color-green-7)" />,
            t("health.ok", { time: shortTime(health.last_success_at ?? channel.updated_at) }),
          ]
        : [<IconCircleDashed size={14} key="" />, isStarting(channel) ? t("health.starting") : t("health.unknown")];
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" mt={2}>
      <span aria-hidden>{icon}</span>
      <Text component="span" size="sm" className="words" lineClamp={2}>
        {text}
        {health.backfill && health.backfill.state !== "failed" &&
          ` · ${t("health.backfill", { percent: Math.floor(percent(health.backfill)) })}`}
        {channel.is_active && health.backlog > 0 && ` · ${t("health.backlog", { count: health.backlog })}`}
      </Text>
    </Group>
  );
}

/** Both directions of a channel, for its own page. */
export function HealthDetails({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const { health } = channel;
  const halves = [
    { name: t("health.receive"), never: t(isStarting(channel) ? "health.starting" : "health.never"), ...health.receive },
    { name: t("health.send"), never: t("health.never"), ...health.send },
  ];
  if (!channel.is_active) {
    return (
      <Alert color="gray" variant="light" icon={<IconPlayerPause size={18} aria-hidden />} title={t("health.off")}>
        {t("health.offText")}
      </Alert>
    );
  }
  return (
    <>
      {halves
        .filter((it) => it.last_error)
        .map((it) => (
          <Alert
            key={it.name}
            color="red"
            variant="light"
            icon={<IconAlertTriangle size={18} aria-hidden />}
            title={t("health.wrong", { half: it.name })}
          >
            <span className="words">{it.last_error}</span>
            {it.last_error_at && (
              <Text size="xs" mt={4}>
                {longTime(it.last_error_at)}
              </Text>
            )}
          </Alert>
        ))}
      <Group gap="xl">
        {halves.map((it) => (
          <div key={it.name}>
            <Text size="xs" c="dimmed">
              {it.name}
            </Text>
            <Text size="sm">{it.last_success_at ? longTime(it.last_success_at) : it.never}</Text>
          </div>
        ))}
        <div>
          <Text size="xs" c="dimmed">
            {t("health.waiting")}
          </Text>
          <Text size="sm">{number(health.backlog)}</Text>
        </div>
      </Group>
    </>
  );
}
