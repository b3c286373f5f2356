/** Making one conversation of two of the same person. */

import { Button, Group, Loader, Modal, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import type { Conversation } from "../api/queries";
import { shortTime } from "../lib/times";
import { useTitleOf } from "../people/titles";
import { useOperation } from "./operations";

export function MergeDialog({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation("thread");
  const titleOf = useTitleOf();
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 200);
  const [into, setInto] = useState<string>();
  const { data } = useQuery({
    queryKey: ["conversations", "merge", conversation.contact_id, search],
    queryFn: () => {
      const query = { contact_id: conversation.contact_id, per_page: 20, ...(search && { search }) };
      return answer(api.GET("/api/conversations", { params: { query } }));
    },
    placeholderData: keepPreviousData,
  });
  const others = data?.data.filter((it) => it.id !== conversation.id);
  const merge = useOperation(
    (target: string) =>
      answer(
        api.POST("/api/conversations/{id}/merge", {
          params: { path: { id: conversation.id } },
          body: { into: target },
        }),
      ),
    t("merge.done", { number: conversation.number }),
  );
  return (
    <Modal opened onClose={onClose} title={t("merge.title")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (into) merge.mutate(into, { onSuccess: onClose });
        }}
      >
        <Text size="sm" c="dimmed" mb="xs">
          {t("merge.hint", { number: conversation.number })}
        </Text>
        <TextInput
          data-autofocus
          label={t("merge.search")}
          placeholder={t("merge.example")}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Stack mt="sm" mah={280} style={{ overflowY: "auto" }} gap={6}>
          {!others && <Loader size="sm" />}
          {others?.length === 0 && (
            <Text size="sm" role="status">
              {search ? t("merge.nothing") : t("merge.only")}
            </Text>
          )}
          <Radio.Group aria-label={t("merge.into")} value={into ?? ""} onChange={setInto}>
            <Stack gap={8} p={2}>
              {others?.map((it) => (
                <Radio
                  key={it.id}
                  value={it.id}
                  label={`#${it.number} ${titleOf(it)}`}
                  description={`${shortTime(it.last_message?.created_at ?? it.created_at)} · ${it.last_message?.text.slice(0, 80) ?? ""}`}
                />
              ))}
            </Stack>
          </Radio.Group>
        </Stack>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" disabled={!into} loading={merge.isPending}>
            {t("merge.do")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
