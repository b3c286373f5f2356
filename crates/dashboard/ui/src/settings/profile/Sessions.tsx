/** Where I am signed in, and how to end what should not be. */

import { Badge, Button, Card, Group, Loader, Stack, Text } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { complain } from "../../api/changes";
import { answer, api, type Schemas } from "../../api/client";
import { longTime, shortTime } from "../../lib/times";
import { browserOf } from "./browsers";
import { Part } from "../parts/Page";
import { sessions } from "./queries";

type Session = Schemas["SessionView"];

export function Sessions() {
  const { t } = useTranslation("profile");
  const client = useQueryClient();
  const { data, isLoadingError: isError, refetch } = useQuery(sessions);
  const again = () => client.invalidateQueries({ queryKey: sessions.queryKey });
  const end = useMutation({
    mutationFn: (id: string) => answer(api.DELETE("/api/auth/sessions/{id}", { params: { path: { id } } })),
    onSettled: again,
    onError: complain,
  });
  const endOthers = useMutation({
    mutationFn: () => answer(api.DELETE("/api/auth/sessions")),
    onSettled: again,
    onError: complain,
  });
  const others = data?.data.filter((it) => !it.current).length ?? 0;
  return (
    <Part title={t("sessions.title")} about={t("sessions.lead")}>
      {!data && !isError && <Loader size="sm" />}
      {isError && (
        <Group>
          <Text size="sm" role="alert">
            {t("sessions.error")}
          </Text>
          <Button size="xs" variant="default" onClick={() => void refetch()}>
            {t("sessions.again")}
          </Button>
        </Group>
      )}
      <Stack component="ul" gap="xs" p={0} m={0}>
        {data?.data.map((it) => (
          <One key={it.id} session={it} end={() => end.mutate(it.id)} busy={end.isPending && end.variables === it.id} />
        ))}
      </Stack>
      {others > 0 && (
        <div>
          <Button variant="default" loading={endOthers.isPending} onClick={() => endOthers.mutate()}>
            {t("sessions.endOthers")}
          </Button>
        </div>
      )}
    </Part>
  );
}

function One({ session: it, end, busy }: { session: Session; end: () => void; busy: boolean }) {
  const { t } = useTranslation("profile");
  const { name, system, isPhone } = browserOf(it.user_agent ?? "");
  const where = [name, system].filter(Boolean).join(" · ") || t("sessions.unknown");
  const Icon = isPhone ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <Card component="li" withBorder p="sm">
      <Group wrap="nowrap" gap="sm">
        <Icon size={20} aria-hidden />
        <div className="words">
          <Group gap="xs">
            <Text size="sm" fw={500} title={it.user_agent ?? undefined}>
              {where}
            </Text>
            {it.current && (
              <Badge size="sm" variant="light" color="teal" tt="none">
                {t("sessions.current")}
              </Badge>
            )}
          </Group>
          <Text size="xs" c="dimmed" title={longTime(it.last_seen_at)}>
            {[it.ip, t("sessions.seen", { time: shortTime(it.last_seen_at) })].filter(Boolean).join(" · ")}
          </Text>
        </div>
        {!it.current && (
          <Button
            ms="auto"
            size="xs"
            variant="default"
            loading={busy}
            onClick={end}
            aria-label={t("sessions.endThis", { where })}
          >
            {t("sessions.end")}
          </Button>
        )}
      </Group>
    </Card>
  );
}
