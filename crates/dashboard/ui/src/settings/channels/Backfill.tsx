/** Brings in older mail of a range of days. */

import { Button, Group, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { localDay } from "../../lib/times";
import { LinkAnchor } from "../../shell/links";
import { Form, useSave } from "../parts/forms";
import type { Channel } from "../queries";
import { adoptChannel } from "./changes";
import { BackfillProgress } from "./Progress";

const DAY = 24 * 3600 * 1000;

export function Backfill({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const [since, setSince] = useState(() => localDay(new Date(Date.now() - 30 * DAY)));
  const [until, setUntil] = useState(() => localDay(new Date()));
  const state = channel.health.backfill;
  const underway = state !== null && state.state !== "failed";
  const start = useSave(
    () => {
      // The last day counts as a whole, but never beyond now.
      const end = new Date(`${until}T00:00:00`).getTime() + DAY;
      const body = {
        since: new Date(`${since}T00:00:00`).toISOString(),
        before: new Date(Math.min(end, Date.now())).toISOString(),
      };
      return answer(api.POST("/api/channels/{id}/backfill", { params: { path: { id: channel.id } }, body }));
    },
    (it) => {
      void adoptChannel(client, it);
      notifications.show({ message: t("backfill.started") });
    },
  );
  return (
    <Form saving={start} fields={["since", "before"]} onSubmit={() => start.mutate(undefined)} label={t("backfill.title")}>
      <Group align="flex-end" gap="xs">
        <TextInput
          type="date"
          label={t("backfill.since")}
          value={since}
          max={until}
          onChange={(event) => setSince(event.currentTarget.value)}
          error={start.field("since")}
          required
        />
        <TextInput
          type="date"
          label={t("backfill.until")}
          value={until}
          min={since}
          max={localDay(new Date())}
          onChange={(event) => setUntil(event.currentTarget.value)}
          error={start.field("before")}
          required
        />
        <Button type="submit" variant="default" loading={start.isPending} disabled={!channel.is_active || underway}>
          {t("backfill.start")}
        </Button>
      </Group>
      {!channel.is_active && (
        <Text size="sm" c="dimmed" mt="xs">
          {t("backfill.off")}
        </Text>
      )}
      {state && <BackfillProgress state={state} />}
      {(underway || start.isSuccess) && (
        <Group gap="xs" mt="xs">
          {!state && (
            <Text size="sm" role="status">
              {channel.health.backlog > 0
                ? t("backfill.running", { count: channel.health.backlog })
                : t("backfill.done")}
            </Text>
          )}
          <LinkAnchor
            size="sm"
            to="/settings/$section/$item"
            params={{ section: "channels", item: channel.id }}
            search={{ tab: "mail" }}
          >
            {t("backfill.see")}
          </LinkAnchor>
        </Group>
      )}
    </Form>
  );
}
