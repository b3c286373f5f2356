/** What automations did to a conversation, and why. */

import { Badge, Button, Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { answer, api, type Schemas } from "../api/client";
import type { Conversation } from "../api/queries";
import { longTime, shortTime } from "../lib/times";
import { condition, type Explained, step, word } from "./trace";
import classes from "./Trace.module.css";
import { useNameOf } from "./useNameOf";

type Run = Schemas["AutomationRun"];

export function TraceDialog({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation("thread");
  const query = useInfiniteQuery({
    queryKey: ["automations", "of", conversation.id],
    queryFn: ({ pageParam }) => {
      const params = { path: { id: conversation.id }, query: pageParam ? { cursor: pageParam } : {} };
      return answer(api.GET("/api/conversations/{id}/automations", { params }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.pagination.next_cursor ?? undefined,
    staleTime: 0,
  });
  const runs = query.data?.pages.flatMap((page) => page.data) ?? [];
  const looks = (query.data?.pages[0]?.last_look?.unmatched ?? []) as unknown as {
    rule: { id: string; name: string };
    conditions: Explained;
  }[];
  return (
    <Modal opened onClose={onClose} size="lg" title={t("trace.title")} closeButtonProps={{ "aria-label": t("close") }}>
      {query.isPending && <Loader size="sm" />}
      {query.isSuccess && runs.length === 0 && <Text size="sm">{t("trace.none")}</Text>}
      <Stack component="ol" gap="md" p={0} m={0} className={classes.runs}>
        {runs.map((run, index) => (
          <li key={`${run.created_at}-${index}`}>
            <One run={run} />
          </li>
        ))}
      </Stack>
      {query.hasNextPage && (
        <Button variant="subtle" size="xs" mt="sm" onClick={() => void query.fetchNextPage()}>
          {t("trace.more")}
        </Button>
      )}
      {looks.length > 0 && (
        <details className={classes.looks}>
          <summary>{t("trace.looked", { count: looks.length })}</summary>
          {looks.map((it, index) => (
            <div key={`${it.rule.id}-${index}`}>
              <Text size="sm" fw={600} mt="xs">
                {it.rule.name}
              </Text>
              <Conditions of={it.conditions} />
            </div>
          ))}
        </details>
      )}
    </Modal>
  );
}

function One({ run }: { run: Run }) {
  const { t } = useTranslation("thread");
  const { t: words } = useTranslation(["automations", "thread"]);
  const color = { matched: "green", failed: "red", stopped: "orange" }[run.outcome];
  return (
    <>
      <Group gap={6}>
        <Text size="sm" fw={600}>
          {run.automation.name}
        </Text>
        <Badge size="sm" variant="light" color={color} tt="none">
          {t(`trace.${run.outcome}`)}
        </Badge>
        <Text size="xs" c="dimmed" title={longTime(run.created_at)}>
          {t("trace.because", { trigger: word(words, "triggerName", run.trigger) })} · {shortTime(run.created_at)}
        </Text>
      </Group>
      {run.error && (
        <Text size="xs" c="red" className="words">
          {run.error}
        </Text>
      )}
      <Conditions of={run.conditions as Explained} />
      {run.actions.map((action, index) => (
        <Text key={index} size="xs" className="words">
          → {step(words, action)}
        </Text>
      ))}
    </>
  );
}

function Conditions({ of: it }: { of: Explained }) {
  const { t } = useTranslation("thread");
  const { t: words } = useTranslation(["automations", "thread"]);
  const nameOf = useNameOf();
  if (it.rules) {
    if (it.rules.length === 0) return null;
    return (
      <ul className={classes.conditions} aria-label={t("trace.conditions")}>
        {it.rules.map((rule, index) => (
          <li key={index}>
            <Conditions of={rule} />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <Text size="xs" component="span" className="words" {...(!it.matched && { c: "dimmed" })}>
      <span aria-hidden>{it.matched ? "✓" : "✗"}</span>{" "}
      {condition(words, it, nameOf)}
    </Text>
  );
}
