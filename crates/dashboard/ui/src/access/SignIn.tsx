/** The way in. */

import { Alert, Button, Card, Center, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, answer, api } from "../api/client";
import { me } from "../api/queries";
import { LinkAnchor } from "../shell/links";

export function SignIn() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { next } = useSearch({ from: "/sign-in" });
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function signIn(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { email: String(form.get("email")), password: String(form.get("password")) };
    setBusy(true);
    try {
      const agent = await answer(api.POST("/api/auth/login", { body }));
      client.clear();
      client.setQueryData(me.queryKey, agent);
      await navigate({ href: next ?? "/" });
    } catch (problem) {
      setError(problem instanceof ApiError ? problem.message : t("error.unreachable"));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Center component="main" mih="100vh" p="md">
      <Card withBorder shadow="sm" p="xl" w={380} maw="100%">
        <form onSubmit={(event) => void signIn(event)}>
          <Stack>
            <Title order={1} size="h3">
              {t("signIn.title")}
            </Title>
            {error && (
              <Alert color="red" role="alert">
                {error}
              </Alert>
            )}
            <TextInput name="email" type="email" label={t("signIn.email")} autoComplete="username" required autoFocus />
            <PasswordInput
              name="password"
              label={t("signIn.password")}
              autoComplete="current-password"
              visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }}
              required
            />
            <Button type="submit" loading={busy}>
              {t("signIn.submit")}
            </Button>
            <LinkAnchor to="/reset" size="sm">
              {t("signIn.forgot")}
            </LinkAnchor>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
