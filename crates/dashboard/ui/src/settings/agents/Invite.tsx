/** Asks somebody in: they choose their own password with a link. */

import { Button, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api, type Schemas } from "../../api/client";
import { newId } from "../../lib/ids";
import { longTime } from "../../lib/times";
import { CopyText } from "../parts/CopyText";
import { Form, useSave } from "../parts/forms";
import { agents } from "../queries";

const ROLES = ["agent", "admin"] as const;
export type Role = (typeof ROLES)[number];

export function Invite({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation(["agents", "settings"]);
  const client = useQueryClient();
  const [key] = useState(newId);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("agent");
  const invite = useSave(
    () => {
      const header = { "Idempotency-Key": `${key}.${email}` };
      return answer(api.POST("/api/agents", { params: { header }, body: { name, email, role } }));
    },
    () => client.invalidateQueries({ queryKey: agents.queryKey }),
  );
  if (invite.data) return <Invited made={invite.data} onDone={onDone} />;
  return (
    <Form saving={invite} fields={["name", "email"]} onSubmit={() => invite.mutate(undefined)}>
      <Stack>
        <TextInput
          label={t("name")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={invite.field("name")}
          required
          data-autofocus
        />
        <TextInput
          label={t("email")}
          type="email"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={invite.field("email")}
          required
        />
        <RoleChoice value={role} onChange={setRole} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t("settings:cancel")}
          </Button>
          <Button type="submit" loading={invite.isPending}>
            {t("invite.send")}
          </Button>
        </Group>
      </Stack>
    </Form>
  );
}

export function RoleChoice({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t } = useTranslation("agents");
  return (
    <Radio.Group label={t("role")} value={value} onChange={(it) => onChange(it === "admin" ? "admin" : "agent")}>
      <Stack gap="xs" mt={6}>
        {ROLES.map((it) => (
          <Radio key={it} value={it} label={t(`roles.${it}`)} description={t(`roleTexts.${it}`)} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

/** The link, told once. */
export function Invited({ made, onDone }: { made: Schemas["InvitedView"]; onDone: () => void }) {
  const { t } = useTranslation("agents");
  return (
    <Stack>
      <Text size="sm">{t("invite.made", { name: made.name })}</Text>
      {made.invitation && (
        <>
          <CopyText label={t("invite.link")} value={made.invitation.link} />
          <Text size="xs" c="dimmed">
            {t("invite.until", { time: longTime(made.invitation.expires_at) })}
          </Text>
        </>
      )}
      <Group justify="flex-end">
        <Button onClick={onDone}>{t("invite.done")}</Button>
      </Group>
    </Stack>
  );
}
