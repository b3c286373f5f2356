/** Who I am to my team. */

import { Button, Stack, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../../api/changes";
import { answer, api } from "../../api/client";
import { me } from "../../api/queries";

export default function ProfilePage() {
  const { t } = useTranslation("settings");
  const client = useQueryClient();
  const { data: agent } = useSuspenseQuery(me);
  const [name, setName] = useState(agent?.name ?? "");
  const save = useMutation({
    mutationFn: () => answer(api.PATCH("/api/auth/me", { body: { name } })),
    onSuccess: (changed) => {
      client.setQueryData(me.queryKey, changed);
      notifications.show({ message: t("saved") });
    },
    onError: complain,
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }

  return (
    <form onSubmit={submit}>
      <Stack maw={420}>
        <Title order={1} size="h3">
          {t("sections.profile")}
        </Title>
        <TextInput
          label={t("profile.name")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
        />
        <TextInput label={t("profile.email")} value={agent?.email ?? ""} readOnly />
        <div>
          <Button type="submit" loading={save.isPending}>
            {t("save")}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
