/** Makes a key, and tells it this once. */

import { Alert, Button, Group, PasswordInput, Select, Stack, TextInput } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { type Role, RoleChoice } from "../agents/Invite";
import { CopyText } from "../parts/CopyText";
import { Form, useSave } from "../parts/forms";
import { keys } from "../queries";

const DAY = 24 * 3600 * 1000;
/** Days a key may be good for. */
const SPANS = [30, 90, 365] as const;

export function NewKey({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation(["keys", "settings"]);
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("agent");
  const [days, setDays] = useState("90");
  const [password, setPassword] = useState("");
  const make = useSave(
    () => {
      const expires_at = days ? new Date(Date.now() + Number(days) * DAY).toISOString() : null;
      return answer(api.POST("/api/keys", { body: { name, role, expires_at, current_password: password } }));
    },
    () => client.invalidateQueries({ queryKey: keys.queryKey }),
  );
  if (make.data) {
    return (
      <Stack>
        <Alert color="yellow" variant="light" icon={<IconKey size={18} aria-hidden />} title={t("once")}>
          <CopyText label={t("key")} value={make.data.key ?? ""} />
        </Alert>
        <CopyText label={t("try")} block value={`curl -H 'Authorization: Bearer ${make.data.key}' ${location.origin}/api/auth/me`} />
        <Group justify="flex-end">
          <Button onClick={onDone}>{t("stored")}</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <Form
      saving={make}
      fields={["name", "expires_at", "current_password"]}
      onSubmit={() => make.mutate(undefined)}
    >
      <Stack>
        <TextInput
          label={t("name")}
          description={t("nameHelp")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={make.field("name")}
          required
          data-autofocus
        />
        <RoleChoice value={role} onChange={setRole} />
        <Select
          label={t("expires")}
          data={[...SPANS.map((it) => ({ value: String(it), label: t("days", { count: it }) })), { value: "", label: t("never") }]}
          value={days}
          onChange={(value) => setDays(value ?? "")}
          error={make.field("expires_at")}
          allowDeselect={false}
        />
        <PasswordInput
          label={t("password")}
          description={t("passwordHelp")}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={make.field("current_password")}
          required
          autoComplete="current-password"
          visibilityToggleButtonProps={{ "aria-label": t("showPassword") }}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t("settings:cancel")}
          </Button>
          <Button type="submit" loading={make.isPending}>
            {t("make")}
          </Button>
        </Group>
      </Stack>
    </Form>
  );
}
