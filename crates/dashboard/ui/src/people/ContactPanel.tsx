/** Who a conversation is with, what is known of them, and what else they wrote. */

import { Avatar, Badge, Button, Group, Loader, Pill, Select, Stack, TagsInput, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useAddTag, useAssign, useChange, useRemoveTag } from "../api/changes";
import { answer, api } from "../api/client";
import { assignees, contact, type Conversation, PRIORITIES, tags } from "../api/queries";
import { shortTime } from "../lib/times";
import { LinkAnchor } from "../shell/links";
import { ContactFields } from "./ContactFields";
import classes from "./ContactPanel.module.css";
import { nameOf } from "./names";
import { inColor, useTagColor } from "./TagChips";
import { useTitleOf } from "./titles";
import pills from "./TagChips.module.css";

export const ContactPanel = memo(function ContactPanel({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { data: it } = useQuery(contact(conversation.contact_id));
  const name = nameOf(it ?? conversation.contact, t("people.unknown"));
  return (
    <Stack gap="lg">
      <Stack align="center" gap={4}>
        <Avatar size={56} name={name} color="initials" />
        <Title order={2} size="h5" ta="center" className="words">
          {name}
        </Title>
        {it?.blocked && <Badge color="red">{t("people.blocked")}</Badge>}
      </Stack>
      <OfConversation conversation={conversation} />
      {it && <ContactFields key={it.id} contact={it} />}
      <Others conversation={conversation} />
    </Stack>
  );
});

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <Text component="h3" size="xs" fw={600} c="dimmed" mb={4}>
        {title}
      </Text>
      <Stack gap={2}>{children}</Stack>
    </section>
  );
}

function OfConversation({ conversation: it }: { conversation: Conversation }) {
  const { t } = useTranslation("thread");
  const { data: people } = useQuery(assignees);
  const assign = useAssign(it.id);
  const change = useChange(it.id);
  return (
    <Stack gap="xs">
      <Select
        size="xs"
        hiddenFrom="sm"
        label={t("actions.assign")}
        placeholder={t("actions.nobody")}
        data={people?.data.map(({ id, name }) => ({ value: id, label: name })) ?? []}
        value={it.assigned_agent_id}
        onChange={(wanted) => assign.mutate(wanted)}
        clearable
        clearButtonProps={{ "aria-label": t("actions.nobody") }}
        searchable
      />
      <Select
        size="xs"
        label={t("actions.priority")}
        data={PRIORITIES.map((value) => ({ value, label: t(`actions.${value}`) }))}
        value={it.priority}
        allowDeselect={false}
        onChange={(priority) => change.mutate({ priority: priority as Conversation["priority"] })}
      />
      <Tags conversation={it} />
    </Stack>
  );
}

function Tags({ conversation: it }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { data } = useQuery(tags);
  const add = useAddTag(it.id);
  const remove = useRemoveTag(it.id);
  const known = data?.data ?? [];
  const colorOf = useTagColor();
  return (
    <TagsInput
      size="xs"
      label={t("people.tags")}
      placeholder={t("people.addTag")}
      data={known.map((tag) => tag.name)}
      value={it.tags}
      renderOption={({ option }) => (
        <Group gap={6} wrap="nowrap">
          <span className={classes.dot} style={{ background: colorOf(option.value) }} />
          {option.value}
        </Group>
      )}
      renderPill={({ option, onRemove }) => (
        <Pill
          className={pills.pill}
          style={inColor(colorOf(String(option.value)))}
          withRemoveButton
          onRemove={() => onRemove?.()}
        >
          {option.label}
        </Pill>
      )}
      onChange={(wanted) => {
        for (const tag of wanted.filter((tag) => !it.tags.includes(tag))) add.mutate(tag);
        for (const tag of it.tags.filter((tag) => !wanted.includes(tag))) remove.mutate(tag);
      }}
    />
  );
}

/** Their other conversations, the newest first. */
function Others({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const titleOf = useTitleOf();
  const filter = useSearch({ from: "/inside/inbox" });
  const { data, isLoadingError, refetch } = useQuery({
    queryKey: ["conversations", "of", conversation.contact_id],
    queryFn: () => {
      const query = { contact_id: conversation.contact_id, per_page: 6 };
      return answer(api.GET("/api/conversations", { params: { query } }));
    },
  });
  const others = data?.data.filter((it) => it.id !== conversation.id);
  return (
    <Part title={t("people.others")}>
      {!others && !isLoadingError && <Loader size="xs" />}
      {isLoadingError && (
        <Group gap="xs">
          <Text size="sm" role="alert">
            {t("error.list")}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => void refetch()}>
            {t("error.again")}
          </Button>
        </Group>
      )}
      {others?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("people.noOthers")}
        </Text>
      )}
      {others?.map((it) => (
        <Group key={it.id} gap={6} wrap="nowrap">
          <LinkAnchor
            to="/inbox/$conversationId"
            params={{ conversationId: it.id }}
            search={filter}
            size="sm"
            py={3}
            truncate
            flex={1}
          >
            {titleOf(it)}
          </LinkAnchor>
          <Text size="xs" c="dimmed">
            {shortTime(it.last_message?.created_at ?? it.created_at)}
          </Text>
        </Group>
      ))}
    </Part>
  );
}
