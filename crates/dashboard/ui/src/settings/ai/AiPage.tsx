/** Which model drafts replies. Without one, replies are found in what was answered before. */

import { Alert, Autocomplete, Button, Group, NumberInput, PasswordInput, Progress, Stack, Switch, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconSparkles } from "@tabler/icons-react";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { answer, api, type Schemas } from "../../api/client";
import { locale } from "../../i18n";
import { longTime } from "../../lib/times";
import { useEdited } from "../parts/edited";
import { Form, Problem, useSave } from "../parts/forms";
import { Page, Part } from "../parts/Page";
import { Unsaved } from "../parts/Unsaved";
import { model } from "../queries";

const FIELDS = ["base_url", "model", "key", "monthly_tokens"] as const;
const ADDRESSES = [
  "https://api.openai.com/v1",
  "https://api.mistral.ai/v1",
  "https://openrouter.ai/api/v1",
  "http://127.0.0.1:11434/v1",
];

type Settings = Schemas["ModelSettings"];

const formOf = (it: Settings) => ({
  base_url: it.base_url ?? "",
  model: it.model ?? "",
  key: "",
  monthly_tokens: it.monthly_tokens as number | "" | null,
  is_active: it.base_url ? it.is_active : true,
});

export default function AiPage() {
  const { t } = useTranslation(["ai", "settings"]);
  const client = useQueryClient();
  const { data } = useSuspenseQuery(model);
  const { form, put, changed, adopt } = useEdited(formOf(data));
  const save = useSave(
    (sent: typeof form) => {
      const { key, monthly_tokens, ...rest } = sent;
      const limit = monthly_tokens === "" ? null : monthly_tokens;
      return answer(api.POST("/api/settings/ai", { body: { ...rest, monthly_tokens: limit, ...(key ? { key } : {}) } }));
    },
    (it, sent) => {
      client.setQueryData(model.queryKey, it);
      adopt(formOf(it), sent);
      notifications.show({ id: "saved", message: t("settings:saved") });
    },
  );
  return (
    <Page title={t("settings:sections.ai")} about={t("about")}>
      <Unsaved changed={changed} />
      <Stack gap={0}>
        <Part title={t("model.title")} about={t("model.about")}>
          {data.last_error && data.is_active && (
            <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} aria-hidden />} title={t("failing")}>
              <span className="words">{data.last_error.message}</span>
              <Text size="xs" mt={4}>
                {longTime(data.last_error.at)}
              </Text>
            </Alert>
          )}
          <Form saving={save} fields={FIELDS} onSubmit={() => save.mutate(form)}>
            <Stack gap="sm">
              <Autocomplete
                label={t("url")}
                description={t("urlHelp")}
                placeholder={ADDRESSES[0]}
                data={ADDRESSES}
                value={form.base_url}
                onChange={(base_url) => put({ base_url })}
                error={save.field("base_url")}
                required
                spellCheck={false}
              />
              <TextInput
                label={t("name")}
                description={t("nameHelp")}
                value={form.model}
                onChange={(event) => put({ model: event.currentTarget.value })}
                error={save.field("model")}
                required
                spellCheck={false}
              />
              <PasswordInput
                label={t("key")}
                description={data.has_key ? t("keyKept") : t("keyHelp")}
                value={form.key}
                onChange={(event) => put({ key: event.currentTarget.value })}
                error={save.field("key")}
                autoComplete="off"
                visibilityToggleButtonProps={{ "aria-label": t("showKey") }}
              />
              <NumberInput
                label={t("limit")}
                description={t("limitHelp")}
                placeholder={t("noLimit")}
                value={form.monthly_tokens ?? ""}
                onChange={(value) => put({ monthly_tokens: typeof value === "number" ? value : null })}
                error={save.field("monthly_tokens")}
                min={0}
                step={100_000}
                allowDecimal={false}
                thousandSeparator=" "
                maw={280}
              />
              <Switch
                label={t("active")}
                checked={form.is_active}
                onChange={(event) => put({ is_active: event.currentTarget.checked })}
              />
              <div>
                <Button type="submit" loading={save.isPending} disabled={!changed}>
                  {t("settings:save")}
                </Button>
              </div>
            </Stack>
          </Form>
        </Part>
        {data.base_url && (
          <>
            <Part title={t("test.title")} about={t("test.about")}>
              <Try disabled={changed} />
            </Part>
            <Part title={t("usage.title")}>
              <Usage settings={data} />
            </Part>
          </>
        )}
      </Stack>
    </Page>
  );
}

function Try({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation("ai");
  const client = useQueryClient();
  const test = useSave(
    () => answer(api.POST("/api/settings/ai/test")),
    () => client.invalidateQueries({ queryKey: model.queryKey }),
  );
  return (
    <div>
      <Problem error={test.error} />
      <Group mb="sm">
        <Button
          variant="default"
          leftSection={<IconSparkles size={16} aria-hidden />}
          loading={test.isPending}
          disabled={disabled}
          onClick={() => test.mutate(undefined)}
        >
          {t("test.run")}
        </Button>
        {disabled && (
          <Text size="sm" c="dimmed">
            {t("test.saveFirst")}
          </Text>
        )}
      </Group>
      {test.data && (
        <Alert
          color={test.data.ok ? "green" : "red"}
          variant="light"
          role={test.data.ok ? "status" : "alert"}
          title={test.data.ok ? t("test.ok", { milliseconds: test.data.milliseconds ?? 0 }) : t("test.failed")}
        >
          {test.data.error && <span className="words">{test.data.error}</span>}
        </Alert>
      )}
    </div>
  );
}

function Usage({ settings }: { settings: Settings }) {
  const { t } = useTranslation("ai");
  const { used, monthly_tokens: limit } = settings;
  const number = new Intl.NumberFormat(locale());
  const month = new Intl.DateTimeFormat(locale(), { month: "long", year: "numeric", timeZone: "UTC" });
  return (
    <div>
      <Text size="sm">
        {t("usage.text", {
          month: month.format(new Date(`${used.month}-01T00:00:00Z`)),
          drafts: number.format(used.drafts),
          tokens: number.format(used.tokens),
        })}
      </Text>
      {limit !== null && limit > 0 && (
        <Progress
          mt="xs"
          maw={420}
          value={Math.min(100, (used.tokens / limit) * 100)}
          color={used.tokens >= limit ? "red" : "indigo"}
          aria-label={t("usage.of", { limit: number.format(limit) })}
        />
      )}
      {limit !== null && (
        <Text size="xs" c="dimmed" mt={4}>
          {t("usage.of", { limit: number.format(limit) })}
        </Text>
      )}
    </div>
  );
}
