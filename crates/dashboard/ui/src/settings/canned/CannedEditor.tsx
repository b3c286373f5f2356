/** One canned reply: its text, and what happens to the conversation it is used in. */

import { Button, Group, SegmentedControl, Select, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { useId } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { assignees, me, tags as allTags } from "../../api/queries";
import { Lost } from "../../shell/Lost";
import { Confirm } from "../parts/Confirm";
import { useEdited } from "../parts/edited";
import { Form, useSave } from "../parts/forms";
import { Page, Part } from "../parts/Page";
import classes from "../parts/Page.module.css";
import { Unsaved } from "../parts/Unsaved";
import { type CannedReply, cannedReplies } from "../queries";
import { Variables } from "./Variables";

const FIELDS = ["name", "shortcut", "text", "actions.status", "actions.tags", "actions.assign"] as const;
const STATUSES = ["open", "pending", "resolved"] as const;

const formOf = (it: CannedReply | undefined) => ({
  name: it?.name ?? "",
  shortcut: it?.shortcut ?? "",
  text: it?.text ?? "",
  shared: it?.shared ?? true,
  status: it?.actions.status ?? null,
  tags: it?.actions.tags ?? [],
  assign: it?.actions.assign ?? null,
});
type Values = ReturnType<typeof formOf>;

export function CannedEditor({ id }: { id: string }) {
  const { data } = useSuspenseQuery(cannedReplies);
  const found = data.find((it) => it.id === id);
  if (!found && id !== "new") return <Lost />;
  return <Editor reply={found} />;
}

function Editor({ reply: known }: { reply: CannedReply | undefined }) {
  const { t } = useTranslation(["canned", "settings"]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: agent } = useSuspenseQuery(me);
  /** Made here, while something was typed that it does not have yet. */
  const [made, setMade] = useState<CannedReply>();
  const reply = known ?? made;
  const { form, saved, put, changed, adopt } = useEdited(formOf(reply));
  const text = useRef<HTMLTextAreaElement>(null);
  // What others share is theirs and the admins' to change.
  const mayChange = !reply || !reply.shared || reply.created_by === agent?.id || agent?.role === "admin";

  const save = useSave(
    (sent: Values) => {
      const { name, shared, status, tags, assign } = sent;
      const shortcut = sent.shortcut.trim().replace(/^\//, "") || null;
      // Plain text is what is edited: a form of it in HTML would say something else.
      const html = sent.text === saved.text ? {} : { html: null };
      const body = { name, shortcut, text: sent.text, ...html, shared, actions: { status, tags, assign } };
      return reply
        ? answer(api.PATCH("/api/canned-replies/{id}", { params: { path: { id: reply.id } }, body }))
        : answer(api.POST("/api/canned-replies", { body }));
    },
    async (it, sent) => {
      const goesOn = adopt(formOf(it), sent);
      if (!known) setMade(it);
      await client.invalidateQueries({ queryKey: ["settings", "canned"] });
      void client.invalidateQueries({ queryKey: ["canned-replies"] });
      notifications.show({ id: "saved", message: t("settings:saved") });
      if (!known && !goesOn) await navigate({ to: "/settings/$section", params: { section: "canned" }, ignoreBlocker: true });
    },
  );

  function insert(variable: string) {
    const field = text.current;
    const [from, to] = [field?.selectionStart ?? form.text.length, field?.selectionEnd ?? form.text.length];
    put({ text: form.text.slice(0, from) + variable + form.text.slice(to) });
    requestAnimationFrame(() => {
      field?.focus();
      field?.setSelectionRange(from + variable.length, from + variable.length);
    });
  }

  return (
    <Page
      title={reply ? reply.name : t("add")}
      back={{ section: "canned", name: t("settings:sections.canned") }}
      about={mayChange ? undefined : t("theirs")}
    >
      <Unsaved changed={changed} />
      <Form saving={save} fields={FIELDS} onSubmit={() => save.mutate(form)}>
        <fieldset disabled={!mayChange} className={classes.plain}>
          <Stack gap="sm">
            <TextInput
              label={t("name")}
              value={form.name}
              onChange={(event) => put({ name: event.currentTarget.value })}
              error={save.field("name")}
              required
            />
            <TextInput
              label={t("shortcut")}
              description={t("shortcutHelp")}
              leftSection="/"
              value={form.shortcut}
              onChange={(event) => put({ shortcut: event.currentTarget.value })}
              error={save.field("shortcut")}
              maw={280}
              spellCheck={false}
            />
            <Sharing shared={form.shared} onChange={(shared) => put({ shared })} />
            <Textarea
              ref={text}
              label={t("text")}
              value={form.text}
              onChange={(event) => put({ text: event.currentTarget.value })}
              error={save.field("text")}
              autosize
              minRows={6}
              maxRows={20}
              required
            />
            <Variables onInsert={insert} />
          </Stack>
          <Part title={t("actions.title")} about={t("actions.about")}>
            <Actions form={form} put={put} error={save.field} />
          </Part>
          <Group mt="lg">
            <Button type="submit" loading={save.isPending} disabled={!changed}>
              {t("settings:save")}
            </Button>
            {reply && <Delete reply={reply} />}
          </Group>
        </fieldset>
      </Form>
    </Page>
  );
}

function Sharing({ shared, onChange }: { shared: boolean; onChange: (shared: boolean) => void }) {
  const { t } = useTranslation("canned");
  const label = useId();
  return (
    <div>
      <Text id={label} size="sm" fw={600} mb={4}>
        {t("who")}
      </Text>
      <SegmentedControl
        aria-labelledby={label}
        value={shared ? "all" : "me"}
        onChange={(value) => onChange(value === "all")}
        data={[
          { value: "all", label: t("everybody") },
          { value: "me", label: t("onlyMe") },
        ]}
      />
    </div>
  );
}

interface ActionsProps {
  form: Values;
  put: (part: Partial<Values>) => void;
  error: (field: string) => string | undefined;
}

function Actions({ form, put, error }: ActionsProps) {
  const { t } = useTranslation(["canned", "common"]);
  const { data: people } = useQuery(assignees);
  const { data: known } = useQuery(allTags);
  const agents = people?.data.map((it) => ({ value: it.id, label: it.name })) ?? [];
  return (
    <>
      <Select
        label={t("actions.status")}
        placeholder={t("actions.unchanged")}
        data={STATUSES.map((it) => ({ value: it, label: t(`common:status.${it}`) }))}
        value={form.status}
        onChange={(value) => put({ status: STATUSES.find((it) => it === value) ?? null })}
        error={error("actions.status")}
        clearable
        clearButtonProps={{ "aria-label": t("actions.unchanged") }}
        maw={320}
      />
      <TagsInput
        label={t("actions.tags")}
        data={known?.data.map((it) => it.name) ?? []}
        value={form.tags}
        onChange={(tags) => put({ tags })}
        error={error("actions.tags")}
        acceptValueOnBlur
      />
      <Select
        label={t("actions.assign")}
        placeholder={t("actions.unchanged")}
        data={[{ value: "me", label: t("actions.me") }, ...agents]}
        value={form.assign}
        onChange={(assign) => put({ assign })}
        error={error("actions.assign")}
        searchable
        clearable
        clearButtonProps={{ "aria-label": t("actions.unchanged") }}
        maw={320}
      />
    </>
  );
}

function Delete({ reply }: { reply: CannedReply }) {
  const { t } = useTranslation(["canned", "settings"]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  const remove = useSave(
    () => answer(api.DELETE("/api/canned-replies/{id}", { params: { path: { id: reply.id } } })),
    async () => {
      notifications.show({ message: t("deleted", { name: reply.name }) });
      await navigate({ to: "/settings/$section", params: { section: "canned" }, ignoreBlocker: true });
      void client.invalidateQueries({ queryKey: ["settings", "canned"] });
    },
  );
  return (
    <>
      <Button variant="subtle" color="red" onClick={() => setAsked(true)}>
        {t("settings:delete")}
      </Button>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={t("question", { name: reply.name })}
        text={t("deleteText")}
        label={t("settings:delete")}
        saving={remove}
        onConfirm={() => remove.mutate(undefined)}
      />
    </>
  );
}
