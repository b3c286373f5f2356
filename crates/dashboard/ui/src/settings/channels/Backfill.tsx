/** Brings in older mail of a range of days. */

import { Button, Group, Loader, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { LinkAnchor } from "../../shell/links";
import { Form, useSave } from "../parts/forms";
import type { Channel } from "../queries";
import { adoptChannel } from "./changes";

const DAY = 24 * 3600 * 1000;

/** As `<input type="date">` writes it, in the time of this browser. */
function dayOf(at: Date): string {
  const two = (it: number) => String(it).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

export function Backfill({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const [since, setSince] = useState(() => dayOf(new Date(Date.now() - 30 * DAY)));
  const [until, setUntil] = useState(() => dayOf(new Date()));
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
          max={dayOf(new Date())}
          onChange={(event) => setUntil(event.currentTarget.value)}
          error={start.field("before")}
          required
        />
        <Button type="submit" variant="default" loading={start.isPending} disabled={!channel.is_active}>
          {t("backfill.start")}
        </Button>
      </Group>
      {!channel.is_active && (
        <Text size="sm" c="dimmed" mt="xs">
          {t("backfill.off")}
        </Text>
      )}
      {start.isSuccess && (
        <Group gap="xs" mt="sm" role="status">
          {channel.health.backlog > 0 && <Loader size="xs" aria-hidden />}
          <Text size="sm">
            {channel.health.backlog > 0
              ? t("backfill.running", { count: channel.health.backlog })
              : t("backfill.waiting")}
          </Text>
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
