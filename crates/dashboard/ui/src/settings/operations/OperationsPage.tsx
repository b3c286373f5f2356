/** What was done to many conversations at once, and what waits after a restore. */

import { Badge, Button, Group, Progress, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowBackUp, IconStack2 } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../../api/changes";
import { answer, api, type Schemas } from "../../api/client";
import { shortTime } from "../../lib/times";
import { Confirm } from "../parts/Confirm";
import { useSave } from "../parts/forms";
import { Empty, Page, Part } from "../parts/Page";
import { Row, Rows } from "../parts/Rows";
import { agents, operations } from "../queries";

type Operation = Schemas["Operation"];

export default function OperationsPage() {
  const { t } = useTranslation(["operations", "settings"]);
  const { data } = useSuspenseQuery(operations);
  return (
    <Page title={t("settings:sections.operations")} about={t("about")} wide>
      <Stack gap={0}>
        <Part title={t("many.title")} about={t("many.about")}>
          {data.data.length === 0 ? (
            <Empty icon={<IconStack2 size={40} />} title={t("empty.title")} text={t("empty.text")} />
          ) : (
            <Rows label={t("many.title")}>
              {data.data.map((it) => (
                <OperationRow key={it.id} operation={it} />
              ))}
            </Rows>
          )}
        </Part>
        <Part title={t("release.title")} about={t("release.about")}>
          <Release />
        </Part>
      </Stack>
    </Page>
  );
}

const BUSY: readonly Operation["state"][] = ["collecting", "running", "undoing"];

function OperationRow({ operation: it }: { operation: Operation }) {
  const { t } = useTranslation("operations");
  const client = useQueryClient();
  const { data: people } = useQuery(agents);
  const author = people?.find((agent) => agent.id === it.author_id)?.name;
  const undo = useMutation({
    mutationFn: () => answer(api.POST("/api/operations/{id}/undo", { params: { path: { id: it.id } } })),
    onSuccess: () => {
      notifications.show({ message: t("undoing") });
      for (const key of [operations.queryKey, ["conversations"], ["counts"]]) {
        void client.invalidateQueries({ queryKey: key });
      }
    },
    onError: complain,
  });
  const busy = BUSY.includes(it.state);
  const facts = [
    it.total !== null && t("total", { count: it.total }),
    it.changed > 0 && t("changed", { count: it.changed }),
    it.skipped > 0 && t("skipped", { count: it.skipped }),
    it.restored > 0 && t("restored", { count: it.restored }),
    it.kept > 0 && t("kept", { count: it.kept }),
  ].filter(Boolean);
  return (
    <Row
      name={t(`kinds.${it.kind}`)}
      about={
        <>
          {[author, shortTime(it.created_at), ...facts].filter(Boolean).join(" · ")}
          {it.error && (
            <Text size="sm" c="red" className="words">
              {it.error}
            </Text>
          )}
          {busy && it.total !== null && (
            <Progress
              mt={6}
              value={it.total > 0 ? (it.done / it.total) * 100 : 0}
              animated
              aria-label={t("progress", { done: it.done, total: it.total })}
            />
          )}
        </>
      }
    >
      <Group gap="xs">
        <Badge variant="light" tt="none" color={it.state === "failed" ? "red" : busy ? "blue" : "gray"}>
          {t(`states.${it.state}`)}
        </Badge>
        {(it.state === "done" || it.state === "running" || it.state === "collecting") && (
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconArrowBackUp size={14} aria-hidden />}
            loading={undo.isPending}
            onClick={() => undo.mutate()}
          >
            {t(it.state === "done" ? "undo" : "stop")}
          </Button>
        )}
      </Group>
    </Row>
  );
}

function Release() {
  const { t } = useTranslation("operations");
  const [asked, setAsked] = useState(false);
  const release = useSave(
    () => answer(api.POST("/api/jobs/release")),
    () => setAsked(false),
  );
  return (
    <div>
      <Group>
        <Button variant="default" onClick={() => setAsked(true)}>
          {t("release.do")}
        </Button>
        {release.data && (
          <Text size="sm" role="status">
            {t("release.done", { count: release.data.released })}
          </Text>
        )}
      </Group>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={t("release.do")}
        text={t("release.text")}
        label={t("release.do")}
        saving={release}
        onConfirm={() => release.mutate(undefined)}
      />
    </div>
  );
}
