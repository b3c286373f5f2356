/** What it takes to fetch and send mail. */

import { Anchor, Button, Collapse, Group, PasswordInput, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { useId } from "@mantine/hooks";
import { type Dispatch, type SetStateAction, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Auth, type MailForm, withAddress, withAuth, withProvider } from "./mail";
import { HOSTING, providerOf } from "./providers";
import { ServerFields } from "./ServerFields";
import { TokenFields } from "./TokenFields";

export const MAIL_FIELDS = [
  "name",
  "config.address",
  "config.from_name",
  "config.imap.host",
  "config.imap.port",
  "config.imap.security",
  "config.imap.username",
  "config.imap.password",
  "config.imap.folders",
  "config.smtp.host",
  "config.smtp.port",
  "config.smtp.security",
  "config.smtp.username",
  "config.smtp.password",
  "config.oauth.token_url",
  "config.oauth.client_id",
  "config.oauth.client_secret",
  "config.oauth.refresh_token",
  "config.oauth.scope",
  "config.signature",
  "config.new_conversation_after_days",
] as const;

export interface FieldsProps {
  form: MailForm;
  setForm: Dispatch<SetStateAction<MailForm>>;
  error: (field: string) => string | undefined;
}

/** Who writes from here, and how they sign in. `isNew`: no secret is kept yet. */
export function AccountFields({ form, setForm, error, isNew }: FieldsProps & { isNew: boolean }) {
  const { t } = useTranslation("channels");
  const label = useId();
  const known = providerOf(form.address);
  const put = (part: Partial<MailForm>) => setForm((it) => ({ ...it, ...part }));
  const login = form.oneLogin ? (error("config.imap.username") ?? error("config.smtp.username")) : error("config.imap.username");
  const secret = form.oneLogin ? (error("config.imap.password") ?? error("config.smtp.password")) : error("config.imap.password");
  return (
    <Stack gap="sm">
      <TextInput
        label={t("mail.address")}
        description={isNew ? t("mail.addressHelp") : undefined}
        type="email"
        placeholder="help@example.com"
        value={form.address}
        onChange={(event) => {
          const { value } = event.currentTarget;
          setForm((it) => withAddress(it, value));
        }}
        error={error("config.address")}
        required
      />
      <div>
        <Text id={label} size="sm" fw={600} mb={4}>
          {t("mail.auth")}
        </Text>
        <SegmentedControl
          aria-labelledby={label}
          value={form.auth}
          onChange={(value) => setForm((it) => withAuth(it, value as Auth))}
          data={[
            { value: "password", label: t("mail.password") },
            { value: "xoauth2", label: t("mail.oauth") },
          ]}
        />
      </div>
      {form.auth === "password" ? (
        <PasswordInput
          label={t("mail.password")}
          description={known?.appPassword ? t("mail.appPassword", { name: known.name }) : undefined}
          placeholder={isNew ? undefined : t("mail.kept")}
          value={form.imap.password}
          onChange={(event) => put({ imap: { ...form.imap, password: event.currentTarget.value } })}
          error={secret}
          required={isNew}
          autoComplete="off"
          visibilityToggleButtonProps={{ "aria-label": t("mail.showPassword") }}
        />
      ) : (
        <TokenFields form={form} setForm={setForm} error={error} isNew={isNew} />
      )}
      {form.auth === "password" && known?.name === "Outlook" && (
        <Text size="sm" c="dimmed">
          {t("mail.noPasswords", { name: known.name })}{" "}
          <Anchor component="button" type="button" size="sm" onClick={() => setForm((it) => withAuth(it, "xoauth2"))}>
            {t("mail.useOauth")}
          </Anchor>
        </Text>
      )}
      <TextInput
        label={t("mail.username")}
        description={t("mail.usernameHelp")}
        value={form.imap.username}
        onChange={(event) => put({ imap: { ...form.imap, username: event.currentTarget.value } })}
        error={login}
        required
        autoComplete="off"
      />
      <TextInput
        label={t("mail.fromName")}
        description={t("mail.fromNameHelp")}
        value={form.from_name}
        onChange={(event) => put({ from_name: event.currentTarget.value })}
        error={error("config.from_name")}
      />
      <TextInput
        label={t("name")}
        description={t("nameHelp")}
        placeholder={form.address}
        value={form.name}
        onChange={(event) => put({ name: event.currentTarget.value })}
        error={error("name")}
      />
    </Stack>
  );
}

/** Where the mail is. Guessed from the address, so folded away until somebody looks. */
export function HostFields(props: FieldsProps & { startOpen: boolean }) {
  const { form, setForm, error, startOpen } = props;
  const { t } = useTranslation("channels");
  const [asked, setAsked] = useState(startOpen);
  const wrong = MAIL_FIELDS.some((it) => /\.(imap|smtp)\.(host|port|security|folders)/.test(it) && error(it));
  const open = asked || wrong;
  const id = useId();
  return (
    <div>
      {!startOpen && (
        <Group gap="xs" align="baseline">
          <Text size="sm" c="dimmed" className="words">
            {form.imap.host ? t("mail.servers", { imap: form.imap.host, smtp: form.smtp.host }) : t("mail.noServers")}
          </Text>
          <Button variant="subtle" size="compact-sm" aria-expanded={open} aria-controls={id} onClick={() => setAsked(!asked)}>
            {open ? t("mail.hideServers") : t("mail.changeServers")}
          </Button>
        </Group>
      )}
      <Collapse expanded={open} id={id}>
        <Stack gap="md" mt="sm">
          {startOpen || providerOf(form.address) ? null : (
            <Select
              label={t("mail.provider")}
              description={t("mail.providerHelp")}
              data={HOSTING.map((it) => it.name)}
              value={null}
              placeholder={t("mail.choose")}
              onChange={(name) => {
                const found = HOSTING.find((it) => it.name === name);
                if (found) setForm((it) => withProvider(it, found));
              }}
            />
          )}
          <ServerFields protocol="imap" {...props} />
          <ServerFields protocol="smtp" {...props} />
        </Stack>
      </Collapse>
    </div>
  );
}
