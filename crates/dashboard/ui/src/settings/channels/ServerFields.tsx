/** One server: where it is, how it is protected. */

import { Group, NumberInput, PasswordInput, Select, Stack, Switch, TagsInput, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { type Security, type ServerForm, usualPort } from "./mail";
import type { FieldsProps } from "./MailFields";

export function ServerFields({ protocol, form, setForm, error }: FieldsProps & { protocol: "imap" | "smtp" }) {
  const { t } = useTranslation("channels");
  const it = form[protocol];
  const field = (name: string) => error(`config.${protocol}.${name}`);
  const put = (part: Partial<ServerForm>) =>
    setForm((before) => ({ ...before, [protocol]: { ...before[protocol], ...part } }));
  return (
    <Stack gap="xs" component="fieldset" bd={0} p={0} m={0} miw={0}>
      <Text component="legend" size="sm" fw={600} p={0}>
        {t(`mail.${protocol}`)}
      </Text>
      <Group align="flex-start" gap="xs">
        <TextInput
          flex="3 1 12rem"
          label={t("mail.host")}
          value={it.host}
          onChange={(event) => put({ host: event.currentTarget.value })}
          error={field("host")}
          required
          spellCheck={false}
        />
        <Select
          flex="1 1 8rem"
          label={t("mail.security")}
          value={it.security}
          onChange={(value) => {
            if (!value) return;
            const security = value as Security;
            const usual = it.port === usualPort(protocol, it.security);
            put({ security, port: usual ? usualPort(protocol, security) : it.port });
          }}
          data={[
            { value: "tls", label: "TLS" },
            { value: "starttls", label: "STARTTLS" },
            { value: "none", label: t("mail.noSecurity") },
          ]}
          error={field("security")}
          allowDeselect={false}
        />
        <NumberInput
          flex="0 1 6rem"
          label={t("mail.port")}
          value={it.port}
          onChange={(value) => put({ port: typeof value === "number" ? value : "" })}
          min={1}
          max={65535}
          allowDecimal={false}
          hideControls
          error={field("port")}
        />
      </Group>
      {protocol === "imap" ? (
        <TagsInput
          label={t("mail.folders")}
          description={t("mail.foldersHelp")}
          value={form.folders}
          onChange={(folders) => setForm((before) => ({ ...before, folders }))}
          error={field("folders")}
        />
      ) : (
        <Switch
          mt={4}
          label={t("mail.oneLogin")}
          checked={form.oneLogin}
          onChange={(event) => {
            const oneLogin = event.currentTarget.checked;
            setForm((before) => ({ ...before, oneLogin }));
          }}
        />
      )}
      {protocol === "smtp" && !form.oneLogin && (
        <Group align="flex-start" gap="xs">
          <TextInput
            flex="1 1 12rem"
            label={t("mail.username")}
            value={it.username}
            onChange={(event) => put({ username: event.currentTarget.value })}
            error={field("username")}
            autoComplete="off"
          />
          {form.auth === "password" && (
            <PasswordInput
              flex="1 1 12rem"
              label={t("mail.password")}
              value={it.password}
              onChange={(event) => put({ password: event.currentTarget.value })}
              error={field("password")}
              autoComplete="off"
              visibilityToggleButtonProps={{ "aria-label": t("mail.showPassword") }}
            />
          )}
        </Group>
      )}
    </Stack>
  );
}
