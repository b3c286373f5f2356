/** The newest notices; choosing one marks it as read and leads to what it is about. */

import { Button, Group, Loader, Text, Title, UnstyledButton } from "@mantine/core";
import { IconAt, IconBolt } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { complain } from "../api/changes";
import { answer, api, type Schemas } from "../api/client";
import { notices } from "../api/queries";
import { said } from "../i18n/said";
import { longTime, shortTime } from "../lib/times";
import { LinkAnchor } from "../shell/links";
import classes from "./NoticeList.module.css";

type Notice = Schemas["NoticeView"];

export default function NoticeList({ onChosen }: { onChosen: () => void }) {
  const { t } = useTranslation(["alerts", "common"]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data, isLoadingError, refetch } = useQuery(notices);
  const again = () => client.invalidateQueries({ queryKey: notices.queryKey });

  async function choose(it: Notice) {
    onChosen();
    if (it.conversation_id) {
      void navigate({ to: "/inbox/$conversationId", params: { conversationId: it.conversation_id } });
    }
    if (it.read_at) return;
    try {
      await answer(api.POST("/api/notices/{id}/read", { params: { path: { id: it.id } } }));
      await again();
    } catch (error) {
      complain(error);
    }
  }

  async function readAll() {
    try {
      await answer(api.POST("/api/notices/read-all"));
      await again();
    } catch (error) {
      complain(error);
    }
  }

  const all = data?.data ?? [];
  return (
    <section aria-label={t("title")}>
      <Group className={classes.head} justify="space-between">
        <Title order={2} size="h6">
          {t("title")}
        </Title>
        {all.some((it) => !it.read_at) && (
          <Button size="compact-xs" variant="subtle" onClick={() => void readAll()}>
            {t("readAll")}
          </Button>
        )}
      </Group>
      {!data && !isLoadingError && <Loader size="sm" m="md" />}
      {isLoadingError && (
        <Group p="sm" justify="space-between">
          <Text role="alert" size="sm">
            {t("failed")}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => void refetch()}>
            {t("common:error.again")}
          </Button>
        </Group>
      )}
      {data && all.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          {t("none")}
        </Text>
      )}
      <ul className={classes.list}>
        {all.map((it) => (
          <li key={it.id}>
            <UnstyledButton
              className={classes.notice}
              data-unread={it.read_at ? undefined : ""}
              onClick={() => void choose(it)}
            >
              {it.kind === "mention" ? <IconAt size={16} aria-hidden /> : <IconBolt size={16} aria-hidden />}
              <span className={classes.text}>
                {!it.read_at && <span className={classes.dot} role="img" aria-label={t("unread")} />}
                {said(it.text)}
              </span>
              <Text component="time" size="xs" c="dimmed" dateTime={it.created_at} title={longTime(it.created_at)}>
                {shortTime(it.created_at)}
              </Text>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <div className={classes.foot}>
        <LinkAnchor to="/settings/$section" params={{ section: "alerts" }} size="xs" onClick={onChosen}>
          {t("settings")}
        </LinkAnchor>
      </div>
    </section>
  );
}
