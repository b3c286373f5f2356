/** How far the older mail is that was asked for. */

import { Group, Loader, Progress, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { readableDay } from "../../lib/days";
import { localDay } from "../../lib/times";
import type { Channel } from "../queries";

export type BackfillState = NonNullable<Channel["health"]["backfill"]>;

export function BackfillProgress({ state: it }: { state: BackfillState }) {
  const { t } = useTranslation("channels");
  const { found, read } = it;
  // Given up: the channel's health tells why, and what to do.
  if (it.state === "failed") return null;
  return (
    <Stack gap={4} mt="sm" role="status">
      <Text size="sm">{t("backfill.range", { since: readableDay(localDay(it.since)), until: lastDay(it.before) })}</Text>
      {found === null ? (
        <Group gap="xs">
          <Loader size="xs" aria-hidden />
          <Text size="sm" c="dimmed">
            {t("backfill.begins")}
          </Text>
        </Group>
      ) : (
        <>
          <Progress value={percent(it)} animated={it.state === "running"} aria-label={t("backfill.title")} />
          <Text size="sm" c="dimmed">
            {t("backfill.read", { count: found, read, found })}
          </Text>
        </>
      )}
      {it.error && it.state === "waiting" && (
        <Text size="sm" className="words">
          {t("backfill.interrupted", { reason: it.error })}
        </Text>
      )}
    </Stack>
  );
}

/** The end of the range is the first moment that is not asked for. */
const lastDay = (before: string): string =>
  readableDay(localDay(new Date(new Date(before).getTime() - 1).toISOString()));

export function percent({ found, read }: BackfillState): number {
  return found ? Math.min(100, (100 * read) / found) : found === 0 ? 100 : 0;
}
