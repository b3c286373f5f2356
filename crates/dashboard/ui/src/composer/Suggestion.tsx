/** What the desk would answer, where it has that from, and what it takes the conversation to be about. */

import { Badge, Button, CloseButton, Group, Spoiler, Stack, Text } from "@mantine/core";
import { IconPlus, IconSparkles } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { useAddTag } from "../api/changes";
import type { Schemas } from "../api/client";
import { type Conversation, me } from "../api/queries";
import { LinkAnchor } from "../shell/links";
import classes from "./Suggestion.module.css";

export type Suggested = Schemas["SuggestionView"];

interface Props {
  conversation: Conversation;
  suggested: Suggested;
  onInsert: () => void;
  onClose: () => void;
}

export function Suggestion({ conversation, suggested: it, onInsert, onClose }: Props) {
  const { t } = useTranslation("thread");
  const addTag = useAddTag(conversation.id);
  const tags = it.suggested_tags.filter((tag) => !conversation.tags.includes(tag));
  return (
    <section className={classes.suggestion} aria-label={t("suggestion.label")}>
      <Group gap={6} mb={6} wrap="nowrap">
        <IconSparkles size={16} aria-hidden />
        <Text size="sm" fw={600}>
          {t("suggestion.label")}
        </Text>
        <Badge size="sm" variant="default" tt="none">
          {it.engine === "model" ? (it.model ?? t("suggestion.model")) : t("suggestion.retrieval")}
        </Badge>
        <Text size="xs" c="dimmed" flex={1} miw={60} truncate>
          {it.suggestion && t("suggestion.confidence", { percent: Math.round(it.confidence * 100) })}
        </Text>
        <CloseButton size="sm" aria-label={t("suggestion.close")} onClick={onClose} />
      </Group>
      {it.suggestion ? (
        <Spoiler
          maxHeight={110}
          showLabel={t("suggestion.more")}
          hideLabel={t("suggestion.less")}
          classNames={{ control: classes.control }}
        >
          <Text size="sm" className="words">
            {it.suggestion}
          </Text>
        </Spoiler>
      ) : (
        <Text size="sm" c="dimmed">
          {t("suggestion.nothing")}
        </Text>
      )}
      {it.notice && (
        <Text size="xs" c="dimmed" mt={4}>
          {it.notice}
        </Text>
      )}
      {it.summary && (
        <Text size="xs" mt={6} className="words">
          <b>{t("suggestion.summary")}</b> {it.summary}
        </Text>
      )}
      {tags.length > 0 && (
        <Group gap={4} mt={6}>
          <Text size="xs" c="dimmed">
            {t("suggestion.tags")}
          </Text>
          {tags.map((tag) => (
            <Button
              key={tag}
              size="compact-xs"
              variant="default"
              leftSection={<IconPlus size={12} />}
              onClick={() => addTag.mutate(tag)}
            >
              {tag}
            </Button>
          ))}
        </Group>
      )}
      {it.suggestion && (
        <Button size="xs" mt="xs" variant="light" onClick={onInsert}>
          {t("suggestion.insert")}
        </Button>
      )}
      {it.sources.length > 0 && <Sources sources={it.sources} />}
    </section>
  );
}

function Sources({ sources }: { sources: Suggested["sources"] }) {
  const { t } = useTranslation("thread");
  return (
    <details className={classes.sources}>
      <summary>{t("suggestion.sources", { count: sources.length })}</summary>
      <Stack component="ul" gap={6} className={classes.list}>
        {sources.map((it) => (
          <li key={it.id}>
            <Source source={it} />
            <Text size="xs" c="dimmed" lineClamp={3} className="words">
              {it.excerpt}
            </Text>
          </li>
        ))}
      </Stack>
    </details>
  );
}

function Source({ source: it }: { source: Suggested["sources"][number] }) {
  const { t } = useTranslation("thread");
  const { data: agent } = useQuery(me);
  switch (it.type) {
    case "conversation":
      return (
        <LinkAnchor size="xs" underline="always" to="/inbox/$conversationId" params={{ conversationId: it.id }} search={{}}>
          {it.title}
        </LinkAnchor>
      );
    case "article":
      // The articles are the admins'.
      if (agent?.role !== "admin") break;
      return (
        <LinkAnchor
          size="xs"
          underline="always"
          to="/settings/$section/$item"
          params={{ section: "knowledge", item: it.id }}
        >
          {t("suggestion.article", { title: it.title })}
        </LinkAnchor>
      );
  }
  return (
    <Text size="xs" component="span">
      {t(it.type === "article" ? "suggestion.article" : "suggestion.canned", { title: it.title })}
    </Text>
  );
}
