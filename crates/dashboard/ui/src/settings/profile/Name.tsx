import { Button, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../../api/changes";
import { answer, api } from "../../api/client";
import { me } from "../../api/queries";
import { faultOf } from "../../access/Refusal";
import { Part } from "./Part";

export function Name() {
  const { t } = useTranslation("profile");
  const client = useQueryClient();
  const { data: agent } = useSuspenseQuery(me);
  const [name, setName] = useState(agent?.name ?? "");
  const save = useMutation({
    mutationFn: () => answer(api.PATCH("/api/auth/me", { body: { name } })),
    onSuccess: (changed) => {
      client.setQueryData(me.queryKey, changed);
      notifications.show({ message: t("saved") });
    },
    onError: (error) => {
      if (!faultOf(error, "name")) complain(error);
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }

  return (
    <Part title={t("you.title")} lead={t("you.lead")}>
      <form onSubmit={submit}>
        <Stack gap="sm" maw={420}>
          <TextInput
            label={t("you.name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={faultOf(save.error, "name")}
            autoComplete="name"
            maxLength={120}
            required
          />
          <TextInput label={t("you.email")} description={t("you.emailHint")} value={agent?.email ?? ""} readOnly />
          <div>
            <Button type="submit" loading={save.isPending} disabled={name.trim() === agent?.name}>
              {t("you.save")}
            </Button>
          </div>
        </Stack>
      </form>
    </Part>
  );
}
