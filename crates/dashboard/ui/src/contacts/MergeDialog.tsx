/** Two contacts that are one person: choose the other, see what becomes of both, and take it back. */

import { Alert, Button, Group, Loader, Modal, Select, Stack, Table, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api, type Schemas } from "../api/client";
import { contact as one } from "../api/queries";
import { newId } from "../lib/ids";
import { nameOf } from "../people/names";
import { Problem, useSave } from "../settings/parts/forms";
import { merged } from "./preview";
import type { Contact } from "./queries";
import { UndoMerge } from "./UndoMerge";

interface Props {
  contact: Contact;
  /** The other one, where it is known already. */
  with: string | undefined;
  onClose: () => void;
  /** The page of the one that goes is about to be left. */
  onMerged: () => void;
}

export function MergeDialog({ contact: from, with: known, onClose, onMerged }: Props) {
  const { t } = useTranslation("contacts");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState(known ?? null);
  const [key] = useState(newId);
  const { data: into } = useQuery({ ...one(chosen ?? ""), enabled: chosen !== null });
  const merge = useSave(
    (target: string) => {
      // The same key for the same try: sent again after a lost answer, it is one merge.
      const params = { path: { id: from.id }, header: { "Idempotency-Key": `${key}-${target}` } };
      return answer(api.POST("/api/contacts/{id}/merge", { params, body: { into: target } }));
    },
    async (started, target) => {
      onClose();
      onMerged();
      const id = `merge-${started.id}`;
      notifications.show({
        id,
        autoClose: 20_000,
        message: <UndoMerge id={started.id} close={() => notifications.hide(id)} />,
      });
      await navigate({ to: "/contacts/$contactId", params: { contactId: target }, search: true });
      for (const queryKey of [["contact", from.id], ["contact", target], ["contacts"], ["conversations"]]) {
        void client.invalidateQueries({ queryKey });
      }
    },
  );
  return (
    <Modal opened onClose={onClose} size="lg" title={t("merge.title")} closeButtonProps={{ "aria-label": t("close") }}>
      <Stack>
        <Problem error={merge.error} />
        <Text size="sm">{t("merge.text", { name: nameOf(from, t("unknown")) })}</Text>
        <Choose from={from} chosen={chosen} known={into} onChosen={setChosen} />
        {chosen && !into && <Loader size="sm" aria-label={t("loading")} />}
        {into && <Preview from={from} into={into} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button disabled={!into} loading={merge.isPending} onClick={() => into && merge.mutate(into.id)}>
            {t("merge.do")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface ChooseProps {
  from: Contact;
  chosen: string | null;
  known: Contact | undefined;
  onChosen: (id: string | null) => void;
}

function Choose({ from, chosen, known, onChosen }: ChooseProps) {
  const { t } = useTranslation("contacts");
  const [search, setSearch] = useState("");
  const [wanted] = useDebouncedValue(search, 250);
  const { data, isFetching } = useQuery({
    queryKey: ["contacts", "choose", wanted],
    queryFn: async () => {
      const found = await answer(api.GET("/api/contacts", { params: { query: { search: wanted, per_page: 10 } } }));
      return (found as { data: Schemas["ContactView"][] }).data;
    },
    enabled: wanted.trim() !== "",
    placeholderData: (before) => before,
  });
  const found = [...(known ? [known] : []), ...(data ?? []).filter((it) => it.id !== known?.id)];
  const label = (it: Contact) => [nameOf(it, t("unknown")), it.email, it.phone].filter((x, at, all) => x && all.indexOf(x) === at).join(" · ");
  return (
    <Select
      label={t("merge.into")}
      placeholder={t("merge.search")}
      data={found.filter((it) => it.id !== from.id).map((it) => ({ value: it.id, label: label(it) }))}
      filter={({ options }) => options}
      value={chosen}
      onChange={onChosen}
      onSearchChange={setSearch}
      nothingFoundMessage={wanted && !isFetching ? t("nothingFound") : undefined}
      rightSection={isFetching ? <Loader size="xs" /> : undefined}
      searchable
      data-autofocus={known ? undefined : true}
    />
  );
}

function Preview({ from, into }: { from: Contact; into: Contact }) {
  const { t } = useTranslation("contacts");
  const it = merged(from, into);
  const list = (values: Record<string, unknown>) =>
    Object.entries(values)
      .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
      .join("\n");
  const rows: [string, string][] = [
    [t("field.name"), it.name ?? ""],
    [t("field.emails"), it.emails.join("\n")],
    [t("field.phones"), it.phones.join("\n")],
    [t("field.tags"), it.tags.join(", ")],
    [t("field.notes"), it.notes ?? ""],
    [t("field.attributes"), list(it.attributes as Record<string, unknown>)],
    [t("field.externalIds"), list(it.external_ids)],
  ];
  return (
    <>
      <Table captionSide="top" fz="sm" verticalSpacing={4}>
        <Table.Caption>{t("merge.preview")}</Table.Caption>
        <Table.Tbody>
          {rows
            .filter(([, value]) => value)
            .map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" w={{ base: 90, xs: 140 }}>
                  {name}
                </Table.Th>
                <Table.Td className="words">{value}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
      <Alert color="blue" variant="light">
        {t("merge.undoable")}
      </Alert>
    </>
  );
}
