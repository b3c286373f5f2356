/** Asks before what was typed is left behind. */

import { Button, Group, Modal, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

export function Unsaved({ changed }: { changed: boolean }) {
  const { t } = useTranslation("settings");
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => changed && current.pathname !== next.pathname,
    enableBeforeUnload: changed,
    withResolver: true,
  });
  const blocked = blocker.status === "blocked";
  return (
    <Modal
      opened={blocked}
      onClose={() => blocker.reset?.()}
      title={t("unsaved.title")}
    >
      <Text size="sm">{t("unsaved.text")}</Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" color="red" onClick={() => blocker.proceed?.()}>
          {t("unsaved.leave")}
        </Button>
        <Button onClick={() => blocker.reset?.()} data-autofocus>
          {t("unsaved.stay")}
        </Button>
      </Group>
    </Modal>
  );
}
