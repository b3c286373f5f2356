/** Who a conversation is with, and what else they wrote. */

import { Anchor, Avatar, Badge, Group, Loader, Stack, TagsInput, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useAddTag, useRemoveTag } from "../api/changes";
import { answer, api } from "../api/client";
import { contact, type Conversation, tags } from "../api/queries";
import { shortTime } from "../lib/times";
import { LinkAnchor } from "../shell/links";
import { nameOf } from "./names";

export function ContactPanel({ conversation }: { conversation: Conversation }) {
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
      <Part title={t("people.reach")}>
        {it?.emails.map((address) => (
          <Text key={address} size="sm" className="words">
            {address}
          </Text>
        ))}
        {it?.phones.map((phone) => (
          <Anchor key={phone} size="sm" href={`tel:${phone}`}>
            {phone}
          </Anchor>
        ))}
      </Part>
      <Tags conversation={conversation} />
      {it?.notes && (
        <Part title={t("people.notes")}>
          <Text size="sm" className="words">
            {it.notes}
          </Text>
        </Part>
      )}
      <Others conversation={conversation} />
    </Stack>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <Text component="h3" size="xs" fw={600} c="dimmed" mb={4}>
        {title}
      </Text>
      <Stack gap={2}>{children}</Stack>
    </section>
  );
}

function Tags({ conversation: it }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { data } = useQuery(tags);
  const add = useAddTag(it.id);
  const remove = useRemoveTag(it.id);
  return (
    <Part title={t("people.tags")}>
      <TagsInput
        size="xs"
        aria-label={t("people.tags")}
        placeholder={t("people.addTag")}
        data={data?.data.map((tag) => tag.name) ?? []}
        value={it.tags}
        onChange={(wanted) => {
          for (const tag of wanted.filter((tag) => !it.tags.includes(tag))) add.mutate(tag);
          for (const tag of it.tags.filter((tag) => !wanted.includes(tag))) remove.mutate(tag);
        }}
      />
    </Part>
  );
}

/** Their other conversations, the newest first. */
function Others({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const filter = useSearch({ from: "/inside/inbox" });
  const { data } = useQuery({
    queryKey: ["conversations", "of", conversation.contact_id],
    queryFn: () => {
      const query = { contact_id: conversation.contact_id, per_page: 6 };
      return answer(api.GET("/api/conversations", { params: { query } }));
    },
  });
  const others = data?.data.filter((it) => it.id !== conversation.id);
  return (
    <Part title={t("people.others")}>
      {!others && <Loader size="xs" />}
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
            {it.subject ?? t("row.noSubject")}
          </LinkAnchor>
          <Text size="xs" c="dimmed">
            {shortTime(it.last_message?.created_at ?? it.created_at)}
          </Text>
        </Group>
      ))}
    </Part>
  );
}
