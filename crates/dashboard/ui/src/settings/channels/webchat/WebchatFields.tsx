/** How the chat looks and what it asks. */

import { ColorInput, Select, Stack, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Dispatch, SetStateAction } from "react";
import { useTranslation } from "react-i18next";

import { channels } from "../../queries";
import { ABSENCES, originOf, REPLY_TIMES, type WebchatForm } from "./config";
import { PreChatFields } from "./PreChatFields";

export const WEBCHAT_FIELDS = [
  "name",
  "config.allowed_origins",
  "config.greeting",
  "config.color",
  "config.reply_time",
  "config.pre_chat",
  "config.ask_rating",
  "config.email_channel_id",
  "config.email_after_seconds",
] as const;

export interface WebchatFieldsProps {
  form: WebchatForm;
  setForm: Dispatch<SetStateAction<WebchatForm>>;
  error: (field: string) => string | undefined;
}

const SWATCHES = ["#3b5bdb", "#0b7285", "#2b8a3e", "#a61e4d", "#862e9c", "#c92a2a", "#d9480f", "#212529"];

export function PlaceFields({ form, setForm, error }: WebchatFieldsProps) {
  const { t } = useTranslation("channels");
  const put = (part: Partial<WebchatForm>) => setForm((it) => ({ ...it, ...part }));
  return (
    <Stack gap="sm">
      <TextInput
        label={t("webchat.name")}
        description={t("webchat.nameHelp")}
        value={form.name}
        onChange={(event) => put({ name: event.currentTarget.value })}
        error={error("name")}
        required
      />
      <TagsInput
        label={t("webchat.origins")}
        description={t("webchat.originsHelp")}
        placeholder={form.allowed_origins.length === 0 ? "https://www.example.com" : undefined}
        value={form.allowed_origins}
        onChange={(typed) => put({ allowed_origins: [...new Set(typed.map(originOf))] })}
        error={error("config.allowed_origins")}
        acceptValueOnBlur
      />
    </Stack>
  );
}

export function LookFields({ form, setForm, error }: WebchatFieldsProps) {
  const { t } = useTranslation("channels");
  const put = (part: Partial<WebchatForm>) => setForm((it) => ({ ...it, ...part }));
  return (
    <Stack gap="sm">
      <Textarea
        label={t("webchat.greeting")}
        placeholder={t("webchat.greetingExample")}
        value={form.greeting}
        onChange={(event) => put({ greeting: event.currentTarget.value })}
        error={error("config.greeting")}
        autosize
        minRows={2}
      />
      <ColorInput
        label={t("webchat.color")}
        format="hex"
        swatches={SWATCHES}
        swatchesPerRow={8}
        value={form.color}
        onChange={(color) => put({ color })}
        error={error("config.color")}
        maw={280}
        eyeDropperButtonProps={{ "aria-label": t("webchat.pickColor") }}
      />
      <Select
        label={t("webchat.replyTime")}
        description={t("webchat.replyTimeHelp")}
        value={form.reply_time}
        onChange={(value) => put({ reply_time: REPLY_TIMES.find((it) => it === value) ?? "hours" })}
        data={REPLY_TIMES.map((it) => ({ value: it, label: t(`webchat.times.${it}`) }))}
        error={error("config.reply_time")}
        allowDeselect={false}
        maw={280}
      />
    </Stack>
  );
}

export function TalkFields({ form, setForm, error }: WebchatFieldsProps) {
  const { t } = useTranslation("channels");
  const put = (part: Partial<WebchatForm>) => setForm((it) => ({ ...it, ...part }));
  const { data } = useQuery(channels);
  const mailboxes = data?.filter((it) => it.type === "email") ?? [];
  // One that was set by a program is among them as it is.
  const absences = [...new Set<number>([...ABSENCES, form.email_after_seconds])].sort((a, b) => a - b);
  const usual = (it: number) => ABSENCES.find((known) => known === it);
  const named = (it: number) =>
    usual(it) ? t(`webchat.afterTimes.${usual(it)!}`) : t("webchat.afterOwn", { count: it });
  return (
    <Stack gap="md">
      <PreChatFields form={form} setForm={setForm} error={error} />
      <Select
        label={t("webchat.fallback")}
        description={t("webchat.fallbackHelp")}
        placeholder={t("webchat.noFallback")}
        value={form.email_channel_id}
        onChange={(email_channel_id) => put({ email_channel_id })}
        data={mailboxes.map((it) => ({ value: it.id, label: it.name }))}
        error={error("config.email_channel_id")}
        clearable
        clearButtonProps={{ "aria-label": t("webchat.noFallback") }}
      />
      {form.email_channel_id && (
        <Select
          label={t("webchat.after")}
          value={String(form.email_after_seconds)}
          onChange={(value) => put({ email_after_seconds: Number(value ?? 120) })}
          data={absences.map((it) => ({ value: String(it), label: named(it) }))}
          error={error("config.email_after_seconds")}
          allowDeselect={false}
          maw={280}
        />
      )}
      <Switch
        label={t("webchat.rating")}
        description={t("webchat.ratingHelp")}
        checked={form.ask_rating}
        onChange={(event) => put({ ask_rating: event.currentTarget.checked })}
      />
    </Stack>
  );
}
