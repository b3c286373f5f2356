/** One agent: who they are, what they may do, and how they leave. */

import { Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { me } from "../../api/queries";
import { Lost } from "../../shell/Lost";
import { useEdited } from "../parts/edited";
import { Form, Problem, useSave } from "../parts/forms";
import { Page, Part } from "../parts/Page";
import { Unsaved } from "../parts/Unsaved";
import { type Agent, agents } from "../queries";
import { Standing } from "./AgentList";
import { Invited, type Role, RoleChoice } from "./Invite";
import { Leave } from "./Leave";

export function AgentPage({ id }: { id: string }) {
  const { t } = useTranslation("agents");
  const { data } = useSuspenseQuery(agents);
  const { data: own } = useSuspenseQuery(me);
  const agent = data.find((it) => it.id === id);
  const [gone, setGone] = useState<Agent>();
  const shown = agent ?? gone;
  if (!shown) return <Lost />;
  return (
    <Page title={shown.name} about={agent ? <Standing agent={shown} /> : null} back={{ section: "agents", name: t("title") }}>
      <Stack gap={0}>
        {agent && (
          <>
            <Part title={t("account")}>
              <Account agent={agent} />
            </Part>
            <Part title={t("role")} about={agent.id === own?.id ? t("ownRole") : t("roleAbout")}>
              <ChangeRole agent={agent} />
            </Part>
            {agent.invited ? (
              <Part title={t("invite.again")} about={t("invite.againAbout")}>
                <InviteAgain agent={agent} />
              </Part>
            ) : (
              <Part title={t("sessions.title")} about={t("sessions.about")}>
                <EndSessions agent={agent} />
              </Part>
            )}
          </>
        )}
        <Part title={t("leave.title")} about={agent?.id === own?.id ? t("leave.self") : t("leave.about")}>
          <Leave agent={shown} isGone={!agent} onGone={setGone} />
        </Part>
      </Stack>
    </Page>
  );
}

function Account({ agent }: { agent: Agent }) {
  const { t } = useTranslation(["agents", "settings"]);
  const client = useQueryClient();
  const { form, saved, put, changed, adopt } = useEdited({ name: agent.name, email: agent.email });
  const [password, setPassword] = useState("");
  const moves = form.email !== saved.email;
  const save = useSave(
    (sent: typeof form) => {
      const body = moves ? { ...sent, current_password: password } : { name: sent.name };
      return answer(api.PATCH("/api/agents/{id}", { params: { path: { id: agent.id } }, body }));
    },
    (it, sent) => {
      setPassword("");
      adopt({ name: it.name, email: it.email }, sent);
      void client.invalidateQueries({ queryKey: agents.queryKey });
      void client.invalidateQueries({ queryKey: me.queryKey });
      void client.invalidateQueries({ queryKey: ["assignees"] });
      notifications.show({ id: "saved", message: t("settings:saved") });
    },
  );
  return (
    <Form saving={save} fields={["name", "email", "current_password"]} onSubmit={() => save.mutate(form)}>
      <Unsaved changed={changed} />
      <Stack gap="sm">
        <TextInput
          label={t("name")}
          value={form.name}
          onChange={(event) => put({ name: event.currentTarget.value })}
          error={save.field("name")}
          required
        />
        <TextInput
          label={t("email")}
          description={t("emailHelp")}
          type="email"
          value={form.email}
          onChange={(event) => put({ email: event.currentTarget.value })}
          error={save.field("email")}
          required
        />
        {moves && (
          <PasswordInput
            label={t("password")}
            description={t("passwordHelp")}
            autoComplete="current-password"
            visibilityToggleButtonProps={{ "aria-label": t("showPassword") }}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={save.field("current_password")}
            required
          />
        )}
        <div>
          <Button type="submit" loading={save.isPending} disabled={!changed}>
            {t("settings:save")}
          </Button>
        </div>
      </Stack>
    </Form>
  );
}

function ChangeRole({ agent }: { agent: Agent }) {
  const { t } = useTranslation(["agents", "settings"]);
  const client = useQueryClient();
  const [role, setRole] = useState<Role>(agent.role);
  const save = useSave(
    () => answer(api.POST("/api/agents/{id}/role", { params: { path: { id: agent.id } }, body: { role } })),
    (it) => {
      void client.invalidateQueries({ queryKey: agents.queryKey });
      void client.invalidateQueries({ queryKey: me.queryKey });
      notifications.show({ message: t("roleChanged", { name: it.name, role: t(`roles.${it.role}`) }) });
    },
  );
  return (
    <Form saving={save} fields={[]} onSubmit={() => save.mutate(undefined)}>
      <Stack gap="sm">
        <RoleChoice value={role} onChange={setRole} />
        <div>
          <Button type="submit" variant="default" loading={save.isPending} disabled={role === agent.role}>
            {t("changeRole")}
          </Button>
        </div>
      </Stack>
    </Form>
  );
}

function InviteAgain({ agent }: { agent: Agent }) {
  const { t } = useTranslation("agents");
  const invite = useSave(() =>
    answer(api.POST("/api/agents/{id}/invitation", { params: { path: { id: agent.id } } })),
  );
  return (
    <div>
      <Problem error={invite.error} />
      {invite.data ? (
        <Invited made={invite.data} onDone={invite.reset} />
      ) : (
        <Button variant="default" loading={invite.isPending} onClick={() => invite.mutate(undefined)}>
          {t("invite.newLink")}
        </Button>
      )}
    </div>
  );
}

function EndSessions({ agent }: { agent: Agent }) {
  const { t } = useTranslation("agents");
  const end = useSave(() => answer(api.DELETE("/api/agents/{id}/sessions", { params: { path: { id: agent.id } } })));
  return (
    <div>
      <Problem error={end.error} />
      <Group>
        <Button variant="default" loading={end.isPending} onClick={() => end.mutate(undefined)}>
          {t("sessions.end")}
        </Button>
        {end.data && (
          <Text size="sm" role="status">
            {t("sessions.ended", { count: end.data.result.ended })}
          </Text>
        )}
      </Group>
    </div>
  );
}
