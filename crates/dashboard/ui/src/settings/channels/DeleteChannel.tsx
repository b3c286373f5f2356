/** Takes a channel away. What was written on it stays readable. */

import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { Confirm } from "../parts/Confirm";
import { useSave } from "../parts/forms";
import { type Channel, channel as one, channels } from "../queries";

export function DeleteChannel({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  const remove = useSave(
    () => {
      // The name was typed, and the text told what stays: nothing else is in the way.
      const params = { path: { id: channel.id }, query: { force: "true" } };
      return answer(api.DELETE("/api/channels/{id}", { params }));
    },
    async () => {
      setAsked(false);
      notifications.show({ message: t("delete.done", { name: channel.name }) });
      await navigate({ to: "/settings/$section", params: { section: "channels" }, ignoreBlocker: true });
      client.removeQueries({ queryKey: one(channel.id).queryKey });
      void client.invalidateQueries({ queryKey: channels.queryKey });
      void client.invalidateQueries({ queryKey: ["counts"] });
    },
  );
  return (
    <div>
      <Button color="red" variant="outline" onClick={() => setAsked(true)}>
        {t("delete.title")}
      </Button>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={t("delete.question", { name: channel.name })}
        text={t("delete.text")}
        name={channel.name}
        label={t("delete.title")}
        saving={remove}
        onConfirm={() => remove.mutate(undefined)}
      />
    </div>
  );
}
