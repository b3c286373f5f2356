/** All rules in the order in which they look. The order is changed by dragging, or by two buttons. */

import { ActionIcon, Badge, Button, Group, Skeleton, Switch, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconGripVertical, IconPlus, IconRobot } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../../api/changes";
import { answer, api } from "../../api/client";
import { longTime, shortTime } from "../../lib/times";
import { Empty, Page } from "../parts/Page";
import { Problem } from "../parts/forms";
import classes from "./Automations.module.css";
import { automations, useNames } from "./queries";
import { type Automation, moved, readDraft } from "./rules";
import { sentence } from "./sentences";

export function AutomationList() {
  const { t } = useTranslation("automations");
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useQuery(automations);
  const [dragged, setDragged] = useState<number>();
  const order = useMutation({
    mutationFn: (all: Automation[]) => answer(api.POST("/api/automations/reorder", { body: { ids: all.map((it) => it.id) } })),
    onMutate: (all) => client.setQueryData(automations.queryKey, all),
    onError: complain,
    onSettled: () => client.invalidateQueries({ queryKey: automations.queryKey }),
  });
  const move = (from: number, to: number) => {
    if (!data || from === to || to < 0 || to >= data.length) return;
    order.mutate(moved(data, from, to));
  };
  const add = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => void navigate({ to: "/settings/$section/$item", params: { section: "automations", item: "new" } })}
    >
      {t("add")}
    </Button>
  );
  return (
    <Page title={t("title")} about={t("about")} action={add} wide>
      {!data && <Problem error={error} onAgain={() => void refetch()} />}
      {isPending && <Skeleton height={200} />}
      {data?.length === 0 && <Empty icon={<IconRobot size={28} />} title={t("empty.title")} text={t("empty.text")} />}
      <ol className={`${classes.rules} ${classes.order}`} hidden={!data?.length}>
        {data?.map((it, at) => (
          <li
            key={it.id}
            className={classes.rule}
            data-over={dragged === at ? "" : undefined}
            onDragOver={(event) => {
              if (dragged !== undefined) event.preventDefault();
            }}
            onDrop={(event) => {
              event.preventDefault();
              if (dragged !== undefined) move(dragged, at);
            }}
          >
            <span
              className={classes.grip}
              draggable
              aria-hidden
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = "move";
                event.dataTransfer.setData("text/plain", it.id);
                setDragged(at);
              }}
              onDragEnd={() => setDragged(undefined)}
            >
              <IconGripVertical size={18} />
            </span>
            <One rule={it} first={at === 0} last={at === data.length - 1} onMove={(by) => move(at, at + by)} />
          </li>
        ))}
      </ol>
    </Page>
  );
}

interface OneProps {
  rule: Automation;
  first: boolean;
  last: boolean;
  onMove: (by: 1 | -1) => void;
}

function One({ rule: it, first, last, onMove }: OneProps) {
  const { t } = useTranslation("automations");
  const client = useQueryClient();
  const names = useNames();
  const toggle = useMutation({
    mutationFn: (_on: boolean) => answer(api.POST("/api/automations/{id}/toggle", { params: { path: { id: it.id } } })),
    onError: complain,
    onSettled: () => client.invalidateQueries({ queryKey: automations.queryKey }),
  });
  return (
    <>
      <div className={classes.about}>
        <Group gap="xs">
          <Link
            to="/settings/$section/$item"
            params={{ section: "automations", item: it.id }}
            className={classes.name}
          >
            {it.name}
          </Link>
          {it.disabled_reason && (
            <Badge color="red" variant="light" tt="none">
              {t("stopped")}
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed" className="words">
          {sentence(readDraft(it), names, t)}
        </Text>
        {it.disabled_reason && (
          <Text size="sm" role="note" className={classes.wrong}>
            {t("stoppedBecause", { reason: it.disabled_reason })}
          </Text>
        )}
        <Text size="xs" c="dimmed" title={it.last_matched_at ? longTime(it.last_matched_at) : undefined}>
          {it.last_matched_at
            ? t("matched", { count: it.matches, time: shortTime(it.last_matched_at) })
            : t("neverMatched")}
          {it.failures > 0 && ` · ${t("failures", { count: it.failures })}`}
        </Text>
      </div>
      <Group gap={2} wrap="nowrap" className={`${classes.tools} ${classes.calm}`}>
        <ActionIcon
          variant="subtle"
          color="gray"
          disabled={first}
          aria-label={t("up", { name: it.name })}
          onClick={() => onMove(-1)}
        >
          <IconArrowUp size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          disabled={last}
          aria-label={t("down", { name: it.name })}
          onClick={() => onMove(1)}
        >
          <IconArrowDown size={16} aria-hidden />
        </ActionIcon>
        <Switch
          ms="xs"
          aria-label={t("active", { name: it.name })}
          checked={toggle.isPending ? toggle.variables : it.is_active}
          onChange={() => toggle.mutate(!it.is_active)}
        />
      </Group>
    </>
  );
}
