import { Button, PasswordInput, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { NewPassword } from "../../access/NewPassword";
import { faultOf, Refusal } from "../../access/Refusal";
import { answer, api } from "../../api/client";
import { me } from "../../api/queries";
import { Part } from "../parts/Page";
import { sessions } from "./queries";

const NOTHING = { current_password: "", new_password: "" };

export function Password() {
  const { t } = useTranslation("profile");
  const client = useQueryClient();
  const { data: agent } = useSuspenseQuery(me);
  const [filled, setFilled] = useState(NOTHING);
  const change = useMutation({
    mutationFn: (body: typeof filled) => answer(api.POST("/api/settings/password", { body })),
    onSuccess: (_, sent) => {
      setFilled((now) => (now === sent ? NOTHING : now));
      notifications.show({ color: "teal", message: t("password.changed") });
      void client.invalidateQueries({ queryKey: sessions.queryKey });
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    change.mutate(filled);
  }

  return (
    <Part title={t("password.title")} about={t("password.lead")}>
      <form onSubmit={submit}>
        <Stack gap="sm" maw={420}>
          <Refusal error={change.error} fields={["current_password", "new_password"]} />
          {/* For password managers: whose password it is. */}
          <input type="hidden" name="username" autoComplete="username" value={agent?.email ?? ""} readOnly />
          <PasswordInput
            label={t("password.present")}
            value={filled.current_password}
            onChange={(event) => setFilled({ ...filled, current_password: event.currentTarget.value })}
            error={faultOf(change.error, "current_password")}
            autoComplete="current-password"
            visibilityToggleButtonProps={{ "aria-label": t("password.show") }}
            required
          />
          <NewPassword
            label={t("password.next")}
            value={filled.new_password}
            onChange={(new_password) => setFilled({ ...filled, new_password })}
            error={faultOf(change.error, "new_password")}
            known={[agent?.name ?? "", agent?.email ?? ""]}
          />
          <div>
            <Button type="submit" loading={change.isPending}>
              {t("password.change")}
            </Button>
          </div>
        </Stack>
      </form>
    </Part>
  );
}
