import { Button, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../../api/changes";
import { answer, api } from "../../api/client";
import { me } from "../../api/queries";
import { faultOf } from "../../access/Refusal";
import { useEdited } from "../parts/edited";
import { Part } from "../parts/Page";

export function Name() {
  const { t } = useTranslation("profile");
  const client = useQueryClient();
  const { data: agent } = useSuspenseQuery(me);
  const { form, put, changed, adopt } = useEdited({ name: agent?.name ?? "" });
  const save = useMutation({
    mutationFn: (body: typeof form) => answer(api.PATCH("/api/auth/me", { body })),
    onSuccess: (it, sent) => {
      client.setQueryData(me.queryKey, it);
      adopt({ name: it.name }, sent);
      notifications.show({ message: t("saved") });
    },
    onError: (error) => {
      if (!faultOf(error, "name")) complain(error);
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate(form);
  }

  return (
    <Part title={t("you.title")} about={t("you.lead")}>
      <form onSubmit={submit}>
        <Stack gap="sm" maw={420}>
          <TextInput
            label={t("you.name")}
            value={form.name}
            onChange={(event) => put({ name: event.currentTarget.value })}
            error={faultOf(save.error, "name")}
            autoComplete="name"
            maxLength={120}
            required
          />
          <TextInput label={t("you.email")} description={t("you.emailHint")} value={agent?.email ?? ""} readOnly />
          <div>
            <Button type="submit" loading={save.isPending} disabled={!changed}>
              {t("you.save")}
            </Button>
          </div>
        </Stack>
      </form>
    </Part>
  );
}
