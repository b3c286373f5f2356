/** Where the link of an invitation leads: choose a password and begin. */

import { Alert, Button, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { AccessFrame } from "./AccessFrame";
import { NewPassword } from "./NewPassword";
import { faultOf, Refusal } from "./Refusal";
import { useToken } from "./token";
import { useEntry } from "./useEntry";

export function InvitationPage() {
  const { t } = useTranslation("access");
  const token = useToken();
  const [password, setPassword] = useState("");
  const enter = useEntry(() => answer(api.POST("/api/auth/invitation", { body: { token, password } })), "/");

  function submit(event: FormEvent) {
    event.preventDefault();
    enter.mutate();
  }

  return (
    <AccessFrame title={t("invitation.title")} lead={t("invitation.lead")}>
      {!token && <Alert color="yellow">{t("invitation.incomplete")}</Alert>}
      {token && (
        <form onSubmit={submit}>
          <Stack>
            <Refusal error={enter.error} fields={["password"]} />
            <NewPassword
              label={t("password")}
              value={password}
              onChange={setPassword}
              error={faultOf(enter.error, "password")}
              autoFocus
            />
            <Button type="submit" loading={enter.isPending}>
              {t("invitation.submit")}
            </Button>
          </Stack>
        </form>
      )}
    </AccessFrame>
  );
}
