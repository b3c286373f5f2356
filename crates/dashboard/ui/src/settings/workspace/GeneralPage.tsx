/** What the whole workspace shares. */

import { Alert, Button, Group, NumberInput, Select, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { useEdited } from "../parts/edited";
import { Form, useSave } from "../parts/forms";
import { Page, Part } from "../parts/Page";
import { Unsaved } from "../parts/Unsaved";
import { type Workspace, workspace } from "../queries";
import { countries, locales, zones } from "./places";

const FIELDS = [
  "name",
  "time_zone",
  "locale",
  "default_country",
  "send_delay_seconds",
  "signature",
  "retention_days",
] as const;
/** Days, when somebody begins to limit what is kept. */
const USUAL_RETENTION = 730;

type Form = ReturnType<typeof formOf>;

const formOf = (it: Workspace) => ({
  name: it.name,
  time_zone: it.time_zone,
  locale: it.locale,
  default_country: it.default_country,
  send_delay_seconds: it.send_delay_seconds as number | "",
  signature: it.signature ?? "",
  retention_days: it.retention_days as number | "" | null,
});

export default function GeneralPage() {
  const { t } = useTranslation(["workspace", "settings"]);
  const client = useQueryClient();
  const { data } = useSuspenseQuery(workspace);
  const { form, put, changed, discard, adopt } = useEdited(formOf(data));
  const save = useSave(
    (sent: Form) => {
      const body = {
        ...sent,
        send_delay_seconds: sent.send_delay_seconds === "" ? 0 : sent.send_delay_seconds,
        signature: sent.signature.trim() ? sent.signature : null,
        retention_days: sent.retention_days === "" ? null : sent.retention_days,
      };
      return answer(api.POST("/api/settings/workspace", { body }));
    },
    (it, sent) => {
      client.setQueryData(workspace.queryKey, it);
      adopt(formOf(it), sent);
      notifications.show({ id: "saved", message: t("settings:saved") });
    },
  );
  return (
    <Page title={t("settings:sections.general")}>
      <Unsaved changed={changed} />
      <Form saving={save} fields={FIELDS} onSubmit={() => save.mutate(form)}>
        <Stack gap={0}>
          <Part title={t("identity")}>
            <TextInput
              label={t("name")}
              description={t("nameHelp")}
              value={form.name}
              onChange={(event) => put({ name: event.currentTarget.value })}
              error={save.field("name")}
              required
            />
            <Textarea
              label={t("signature")}
              description={t("signatureHelp")}
              value={form.signature}
              onChange={(event) => put({ signature: event.currentTarget.value })}
              error={save.field("signature")}
              autosize
              minRows={3}
              maxRows={12}
            />
          </Part>
          <Part title={t("place")}>
            <PlaceFields form={form} put={put} error={save.field} />
          </Part>
          <Part title={t("sending")}>
            <NumberInput
              label={t("delay")}
              description={t("delayHelp")}
              value={form.send_delay_seconds}
              onChange={(value) => put({ send_delay_seconds: typeof value === "number" ? value : "" })}
              error={save.field("send_delay_seconds")}
              min={0}
              max={120}
              allowDecimal={false}
              maw={280}
            />
          </Part>
          <Part title={t("keeping")}>
            <Retention form={form} put={put} error={save.field} isSet={data.retention_days !== null} />
          </Part>
          <Group mt="lg">
            <Button type="submit" loading={save.isPending} disabled={!changed}>
              {t("settings:save")}
            </Button>
            {changed && (
              <Button variant="subtle" color="gray" onClick={discard}>
                {t("settings:discard")}
              </Button>
            )}
          </Group>
        </Stack>
      </Form>
    </Page>
  );
}

interface PartProps {
  form: Form;
  put: (part: Partial<Form>) => void;
  error: (field: string) => string | undefined;
}

function PlaceFields({ form, put, error }: PartProps) {
  const { t, i18n } = useTranslation("workspace");
  const known = useMemo(
    () => ({ zones: zones(), countries: countries(i18n.language), locales: locales(i18n.language) }),
    [i18n.language],
  );
  const withOwn = (all: { value: string; label: string }[], own: string) =>
    all.some((it) => it.value === own) ? all : [{ value: own, label: own }, ...all];
  return (
    <>
      <Select
        label={t("timeZone")}
        description={t("timeZoneHelp")}
        data={known.zones.includes(form.time_zone) ? known.zones : [form.time_zone, ...known.zones]}
        value={form.time_zone}
        onChange={(value) => value && put({ time_zone: value })}
        error={error("time_zone")}
        searchable
        allowDeselect={false}
        limit={60}
      />
      <Select
        label={t("locale")}
        description={t("localeHelp")}
        data={withOwn(known.locales, form.locale)}
        value={form.locale}
        onChange={(value) => value && put({ locale: value })}
        error={error("locale")}
        searchable
        allowDeselect={false}
      />
      <Select
        label={t("country")}
        description={t("countryHelp")}
        placeholder={t("noCountry")}
        data={known.countries}
        value={form.default_country}
        onChange={(default_country) => put({ default_country })}
        error={error("default_country")}
        searchable
        clearable
        clearButtonProps={{ "aria-label": t("noCountry") }}
        limit={60}
      />
    </>
  );
}

function Retention({ form, put, error, isSet }: PartProps & { isSet: boolean }) {
  const { t } = useTranslation("workspace");
  const limited = form.retention_days !== null;
  return (
    <>
      <Switch
        label={t("keepAll")}
        description={t("keepAllHelp")}
        checked={!limited}
        onChange={(event) => put({ retention_days: event.currentTarget.checked ? null : USUAL_RETENTION })}
      />
      {limited && (
        <NumberInput
          label={t("days")}
          value={form.retention_days ?? ""}
          onChange={(value) => put({ retention_days: typeof value === "number" ? value : "" })}
          error={error("retention_days")}
          min={1}
          max={36500}
          allowDecimal={false}
          required
          maw={280}
        />
      )}
      {limited && !isSet && (
        <Alert color="orange" variant="light">
          {t("keepWarning")}
        </Alert>
      )}
    </>
  );
}
