/** Signing in with tokens that are renewed, where a provider takes no passwords. */

import { Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { MailForm } from "./mail";
import type { FieldsProps } from "./MailFields";

export function TokenFields({ form, setForm, error, isNew }: FieldsProps & { isNew: boolean }) {
  const { t } = useTranslation("channels");
  const put = (part: Partial<MailForm["oauth"]>) => setForm((it) => ({ ...it, oauth: { ...it.oauth, ...part } }));
  const field = (name: string) => error(`config.oauth.${name}`);
  const kept = isNew ? undefined : t("mail.kept");
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {t("mail.oauthHelp")}
      </Text>
      <TextInput
        label={t("mail.clientId")}
        value={form.oauth.client_id}
        onChange={(event) => put({ client_id: event.currentTarget.value })}
        error={field("client_id")}
        required
        spellCheck={false}
      />
      <Group align="flex-start" gap="xs">
        <PasswordInput
          flex="1 1 12rem"
          label={t("mail.clientSecret")}
          placeholder={kept}
          value={form.oauth.client_secret}
          onChange={(event) => put({ client_secret: event.currentTarget.value })}
          error={field("client_secret")}
          autoComplete="off"
          visibilityToggleButtonProps={{ "aria-label": t("mail.showPassword") }}
        />
        <PasswordInput
          flex="1 1 12rem"
          label={t("mail.refreshToken")}
          placeholder={kept}
          value={form.oauth.refresh_token}
          onChange={(event) => put({ refresh_token: event.currentTarget.value })}
          error={field("refresh_token")}
          required={isNew}
          autoComplete="off"
          visibilityToggleButtonProps={{ "aria-label": t("mail.showPassword") }}
        />
      </Group>
      <TextInput
        label={t("mail.tokenUrl")}
        type="url"
        value={form.oauth.token_url}
        onChange={(event) => put({ token_url: event.currentTarget.value })}
        error={field("token_url")}
        required
        spellCheck={false}
      />
      <TextInput
        label={t("mail.scope")}
        value={form.oauth.scope}
        onChange={(event) => put({ scope: event.currentTarget.value })}
        error={field("scope")}
        spellCheck={false}
      />
    </Stack>
  );
}
