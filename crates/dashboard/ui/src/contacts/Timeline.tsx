/** What a person wrote, what was answered and what was noted, conversation by conversation. */

import { Badge, Button, Card, Center, Group, Loader, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconNote } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Conversation, Message } from "../api/queries";
import { longTime, shortTime } from "../lib/times";
import { useTitleOf } from "../people/titles";
import { LinkAnchor } from "../shell/links";
import { conversationsOf, lastMessages } from "./queries";
import classes from "./Timeline.module.css";

export function Timeline({ contact }: { contact: string }) {
  const { t } = useTranslation("contacts");
  const query = useInfiniteQuery(conversationsOf(contact));
  if (query.isPending) return <Loader size="sm" aria-label={t("loading")} />;
  if (query.isLoadingError) {
    return <Again onAgain={() => void query.refetch()} />;
  }
  const all = query.data.pages.flatMap((page) => page.data);
  if (all.length === 0) return <Text c="dimmed">{t("timeline.empty")}</Text>;
  return (
    <Stack gap="xs">
      {all.map((it) => (
        <Entry key={it.id} conversation={it} />
      ))}
      {query.hasNextPage && (
        <Center>
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("timeline.older")}
          </Button>
        </Center>
      )}
    </Stack>
  );
}

function Again({ onAgain }: { onAgain: () => void }) {
  const { t } = useTranslation("contacts");
  return (
    <Group>
      <Text size="sm" role="alert">
        {t("error.timeline")}
      </Text>
      <Button size="xs" variant="default" onClick={onAgain}>
        {t("error.again")}
      </Button>
    </Group>
  );
}

function Entry({ conversation: it }: { conversation: Conversation }) {
  const { t } = useTranslation("contacts");
  const { t: common } = useTranslation();
  const [open, setOpen] = useState(false);
  const id = useId();
  const at = it.last_message?.created_at ?? it.created_at;
  const title = useTitleOf()(it);
  return (
    <Card withBorder p="sm">
      <Group wrap="nowrap" gap="xs">
        <LinkAnchor
          to="/inbox/$conversationId"
          params={{ conversationId: it.id }}
          search={{ status: it.status }}
          fw={600}
          size="sm"
          truncate
        >
          <bdi>{title}</bdi>
        </LinkAnchor>
        <Badge variant="default" size="sm" tt="none" className={classes.fixed}>
          {common(`status.${it.status}`)}
        </Badge>
        <Text component="time" size="xs" c="dimmed" dateTime={at} title={longTime(at)} ms="auto" className={classes.fixed}>
          {shortTime(at)}
        </Text>
      </Group>
      {!open && (
        <Text size="sm" c="dimmed" lineClamp={2} className="words">
          {it.last_message?.text}
        </Text>
      )}
      <div id={id} hidden={!open}>
        {open && <Said conversation={it.id} />}
      </div>
      <Group gap="xs" mt={4}>
        <UnstyledButton
          className={classes.toggle}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          <IconChevronDown size={14} aria-hidden data-open={open ? "" : undefined} className={classes.chevron} />
          {open ? t("timeline.less") : t("timeline.more")}
        </UnstyledButton>
        {it.channel && (
          <Text size="xs" c="dimmed" ms="auto" truncate>
            {it.channel.name}
          </Text>
        )}
      </Group>
    </Card>
  );
}

function Said({ conversation }: { conversation: string }) {
  const { t } = useTranslation("contacts");
  const { data, isLoadingError, refetch } = useQuery(lastMessages(conversation));
  if (isLoadingError) return <Again onAgain={() => void refetch()} />;
  if (!data) return <Loader size="xs" my="xs" aria-label={t("loading")} />;
  const said = data.data.filter((it) => it.direction !== "event");
  return (
    <Stack gap={6} my="xs">
      {data.pagination.has_more && (
        <Text size="xs" c="dimmed">
          {t("timeline.onlyLast", { count: said.length })}
        </Text>
      )}
      {said.map((it) => (
        <One key={it.id} message={it} />
      ))}
    </Stack>
  );
}

function One({ message: it }: { message: Message }) {
  const { t } = useTranslation("contacts");
  return (
    <div className={classes.message} data-direction={it.direction}>
      <Group gap={6} wrap="nowrap">
        {it.direction === "note" && <IconNote size={14} aria-label={t("timeline.note")} />}
        <Text size="xs" fw={600} truncate>
          {it.sender?.name ?? t("unknown")}
        </Text>
        <Text component="time" size="xs" dateTime={it.created_at} title={longTime(it.created_at)} ms="auto">
          {shortTime(it.created_at)}
        </Text>
      </Group>
      <Text size="sm" className="words" lineClamp={8}>
        {it.text}
      </Text>
    </div>
  );
}
