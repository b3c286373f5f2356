/** One rule: when it looks, what must hold, what it does. Tried before it is trusted. */

import { Alert, Button, Group, NativeSelect, Stack, Switch, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { Confirm } from "../parts/Confirm";
import { CopyText } from "../parts/CopyText";
import { useEdited } from "../parts/edited";
import { Form, useSave } from "../parts/forms";
import { Page, Part } from "../parts/Page";
import { Unsaved } from "../parts/Unsaved";
import { ActionEditor } from "./ActionEditor";
import classes from "./Automations.module.css";
import { DryRun } from "./DryRun";
import { Duration } from "./Duration";
import { GroupEditor } from "./GroupEditor";
import { automations, useNames } from "./queries";
import { type Automation, type Draft, isTimed, moved, newAction, readDraft, type Trigger, TRIGGERS, write } from "./rules";
import { sentence } from "./sentences";

const FIELDS = ["name", "minutes", "conditions", "actions"];

/** Made of a template where nothing is `stored` yet. */
export function Editor({ draft: initial, stored: known }: { draft: Draft; stored?: Automation }) {
  const { t } = useTranslation("automations");
  const client = useQueryClient();
  const navigate = useNavigate();
  const names = useNames();
  /** Made here, while something was typed that it does not have yet. */
  const [made, setMade] = useState<Automation>();
  const stored = known ?? made;
  const { form: draft, put: set, changed, adopt } = useEdited(initial, write);
  const [deleting, setDeleting] = useState(false);
  const leave = async (message: string, goesOn = false) => {
    notifications.show({ message });
    await client.invalidateQueries({ queryKey: automations.queryKey });
    if (goesOn) return;
    await navigate({ to: "/settings/$section", params: { section: "automations" }, ignoreBlocker: true });
  };
  const save = useSave(
    (sent: Draft) =>
      stored
        ? answer(api.PATCH("/api/automations/{id}", { params: { path: { id: stored.id } }, body: write(sent) }))
        : answer(api.POST("/api/automations", { body: write(sent) })),
    (it, sent) => {
      setMade(it);
      return leave(t("saved"), adopt(readDraft(it), sent));
    },
  );
  const remove = useSave(
    () => answer(api.DELETE("/api/automations/{id}", { params: { path: { id: stored?.id ?? "" } } })),
    () => leave(t("deleted")),
  );
  const trigger = draft.trigger;
  return (
    <Page title={draft.name || t("new")} back={{ section: "automations", name: t("title") }} wide>
      <Unsaved changed={changed} />
      {stored?.disabled_reason && (
        <Alert color="red" mb="md" role="note" variant="outline">
          {t("stoppedBecause", { reason: stored.disabled_reason })}
        </Alert>
      )}
      <Form saving={save} fields={FIELDS} onSubmit={() => save.mutate(draft)}>
        <Stack gap={0}>
          <TextInput
            label={t("name")}
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={save.field("name")}
            maxLength={120}
            maw={420}
            required
          />
          <Part title={t("when")}>
            <Group gap="xs">
              <NativeSelect
                aria-label={t("when")}
                value={trigger}
                data={TRIGGERS.map((value) => ({ value, label: t(`triggerName.${value}`) }))}
                onChange={(event) => set({ trigger: event.currentTarget.value as Trigger })}
              />
              {isTimed(trigger) && (
                <Duration
                  label={t("howLong")}
                  minutes={draft.minutes}
                  onChange={(minutes) => set({ minutes })}
                  error={save.field("minutes")}
                />
              )}
            </Group>
          </Part>
          <Part title={t("if")}>
            <GroupEditor
              group={draft.conditions}
              onChange={(conditions) => set({ conditions })}
              path="conditions"
              saving={save}
            />
          </Part>
          <Part title={t("then")}>
            <Stack gap="xs">
              {draft.actions.map((it, at) => (
                <ActionEditor
                  key={it.key}
                  action={it}
                  onChange={(next) => set({ actions: draft.actions.map((one) => (one.key === it.key ? next : one)) })}
                  onRemove={
                    draft.actions.length > 1
                      ? () => set({ actions: draft.actions.filter((one) => one.key !== it.key) })
                      : undefined
                  }
                  onUp={at > 0 ? () => set({ actions: moved(draft.actions, at, at - 1) }) : undefined}
                  onDown={
                    at < draft.actions.length - 1 ? () => set({ actions: moved(draft.actions, at, at + 1) }) : undefined
                  }
                  error={save.field(`actions[${at}]`)}
                />
              ))}
              <div>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  leftSection={<IconPlus size={14} aria-hidden />}
                  onClick={() => set({ actions: [...draft.actions, newAction()] })}
                >
                  {t("addAction")}
                </Button>
              </div>
              {stored?.signing_secret && (
                <CopyText label={t("secret")} description={t("secretAbout")} value={stored.signing_secret} />
              )}
            </Stack>
          </Part>
          <Text className={classes.sentence} size="sm" mt="lg" aria-live="polite">
            {sentence(draft, names, t)}
          </Text>
          <Switch
            my="lg"
            label={t("isActive")}
            checked={draft.is_active}
            onChange={(event) => set({ is_active: event.currentTarget.checked })}
          />
          <Group>
            <Button type="submit" loading={save.isPending}>
              {stored ? t("save") : t("create")}
            </Button>
            {stored && (
              <Button
                variant="default"
                leftSection={<IconTrash size={16} aria-hidden />}
                onClick={() => setDeleting(true)}
                ms="auto"
              >
                {t("delete")}
              </Button>
            )}
          </Group>
        </Stack>
      </Form>
      <DryRun draft={draft} />
      <Confirm
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={t("deleteTitle", { name: stored?.name })}
        text={t("deleteText")}
        label={t("delete")}
        saving={remove}
        onConfirm={() => remove.mutate(undefined)}
      />
    </Page>
  );
}
