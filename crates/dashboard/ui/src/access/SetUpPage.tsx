/** The first page of all: a workspace and its first admin. */

import { Alert, Button, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { AccessFrame } from "./AccessFrame";
import { NewPassword } from "./NewPassword";
import { faultOf, Refusal } from "./Refusal";
import { useToken } from "./token";
import { useEntry } from "./useEntry";

const FIELDS = ["workspace", "name", "email", "password"];

export function SetUpPage() {
  const { t } = useTranslation("access");
  const token = useToken();
  const [filled, setFilled] = useState({ workspace: "", name: "", email: "", password: "" });
  const enter = useEntry(() => setUp({ token, ...filled }), "/first-steps");
  const set = (name: keyof typeof filled) => (value: string) => setFilled((now) => ({ ...now, [name]: value }));
  const text = (name: Exclude<keyof typeof filled, "password">) => ({
    name,
    label: t(`setUp.${name}`),
    value: filled[name],
    onChange: (event: FormEvent<HTMLInputElement>) => set(name)(event.currentTarget.value),
    error: faultOf(enter.error, name),
    maxLength: 120,
    required: true,
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    enter.mutate();
  }

  return (
    <AccessFrame title={t("setUp.title")} lead={t("setUp.lead")}>
      {!token && <Alert color="yellow">{t("setUp.incomplete")}</Alert>}
      {token && (
        <form onSubmit={submit}>
          <Stack>
            <Refusal error={enter.error} fields={FIELDS} />
            <TextInput {...text("workspace")} autoComplete="organization" autoFocus />
            <TextInput {...text("name")} autoComplete="name" />
            <TextInput {...text("email")} type="email" autoComplete="username" maxLength={254} />
            <NewPassword
              label={t("password")}
              value={filled.password}
              onChange={set("password")}
              error={faultOf(enter.error, "password")}
              known={[filled.workspace, filled.name, filled.email]}
            />
            <Button type="submit" loading={enter.isPending}>
              {t("setUp.submit")}
            </Button>
          </Stack>
        </form>
      )}
    </AccessFrame>
  );
}

async function setUp(body: { token: string; workspace: string; name: string; email: string; password: string }) {
  const agent = await answer(api.POST("/api/setup", { body }));
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  try {
    await answer(api.POST("/api/settings/workspace", { body: { time_zone: timeZone } }));
  } catch {
    // A guess of ours: the desk is set up without it, and the settings show its time zone.
  }
  return agent;
}
