/** A real connection, told step by step. */

import { Alert, Button, Group, List, Text, ThemeIcon } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { answer, api, type Schemas } from "../../api/client";
import { said } from "../../i18n/said";
import { Problem, useSave } from "../parts/forms";
import { channel } from "../queries";

export function ConnectionTest({ id }: { id: string }) {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const test = useSave(
    () => answer(api.POST("/api/channels/{id}/test", { params: { path: { id } } })),
    () => client.invalidateQueries({ queryKey: channel(id).queryKey }),
  );
  return (
    <div>
      <Group mb="sm">
        <Button variant="default" loading={test.isPending} onClick={() => test.mutate(undefined)}>
          {t("test.run")}
        </Button>
        {test.isPending && (
          <Text size="sm" c="dimmed" role="status">
            {t("mail.connecting")}
          </Text>
        )}
      </Group>
      <Problem error={test.error} />
      {test.data && <TestSteps result={test.data} />}
    </div>
  );
}

export function TestSteps({ result }: { result: Schemas["TestView"] }) {
  const { t } = useTranslation("channels");
  const frame = useRef<HTMLDivElement>(null);
  // It stands below the form, where nobody need be looking.
  useEffect(() => {
    // Newer browsers answer with a promise, which is no clean-up of an effect.
    void frame.current?.scrollIntoView({ block: "nearest" });
  }, [result]);
  return (
    <Alert
      ref={frame}
      color={result.ok ? "green" : "red"}
      variant="light"
      title={t(result.ok ? "test.ok" : "test.failed")}
      role={result.ok ? "status" : "alert"}
    >
      <List spacing={6} size="sm" listStyleType="none" center={false}>
        {result.steps.map((it, at) => (
          <List.Item
            key={at}
            icon={
              <ThemeIcon color={it.ok ? "green.8" : "red.8"} size={18} radius="xl">
                {it.ok ? <IconCheck size={12} aria-label={t("test.good")} /> : <IconX size={12} aria-label={t("test.bad")} />}
              </ThemeIcon>
            }
          >
            <Text component="span" size="sm" fw={600}>
              {said(it.name)}
            </Text>
            {it.detail && <span className="words"> – {said(it.detail)}</span>}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
