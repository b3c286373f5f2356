/** A forgotten password: ask for a link, and choose a new one where the link leads. */

import { Alert, Anchor, Button, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { LinkAnchor } from "../shell/links";
import { AccessFrame } from "./AccessFrame";
import { NewPassword } from "./NewPassword";
import { faultOf, Refusal } from "./Refusal";
import { useToken } from "./token";
import { useEntry } from "./useEntry";

export function ResetPage() {
  const { t } = useTranslation("access");
  const token = useToken();
  return (
    <AccessFrame title={t("reset.title")} lead={token ? t("reset.chooseLead") : t("reset.askLead")}>
      {token ? <Choose token={token} key={token} /> : <Ask />}
    </AccessFrame>
  );
}

function Ask() {
  const { t } = useTranslation("access");
  const [email, setEmail] = useState("");
  const ask = useMutation({
    mutationFn: () => answer(api.POST("/api/auth/reset", { body: { email } })),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    ask.mutate();
  }

  if (ask.isSuccess) {
    return (
      <>
        <Alert color="teal" role="status">
          {t("reset.asked", { email })}
        </Alert>
        <Anchor component="button" type="button" size="sm" onClick={() => ask.reset()}>
          {t("reset.again")}
        </Anchor>
        <BackToSignIn />
      </>
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Refusal error={ask.error} fields={["email"]} />
        <TextInput
          name="email"
          type="email"
          label={t("reset.email")}
          description={t("reset.emailHint")}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={faultOf(ask.error, "email")}
          autoComplete="username"
          required
          autoFocus
        />
        <Button type="submit" loading={ask.isPending}>
          {t("reset.ask")}
        </Button>
        <BackToSignIn />
      </Stack>
    </form>
  );
}

function Choose({ token }: { token: string }) {
  const { t } = useTranslation("access");
  const [password, setPassword] = useState("");
  const enter = useEntry(() => answer(api.POST("/api/auth/reset/confirm", { body: { token, password } })), "/");

  function submit(event: FormEvent) {
    event.preventDefault();
    enter.mutate();
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <Refusal error={enter.error} fields={["password"]} />
        <NewPassword
          label={t("reset.password")}
          value={password}
          onChange={setPassword}
          error={faultOf(enter.error, "password")}
          autoFocus
        />
        <Button type="submit" loading={enter.isPending}>
          {t("reset.choose")}
        </Button>
      </Stack>
    </form>
  );
}

function BackToSignIn() {
  const { t } = useTranslation("access");
  return (
    <LinkAnchor to="/sign-in" size="sm">
      {t("reset.back")}
    </LinkAnchor>
  );
}
