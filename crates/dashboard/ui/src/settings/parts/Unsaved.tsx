/** Asks before what was typed is left behind. */

import { Button, Group, Modal, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** The part of a page that is open: another one takes this one's form away. */
const tab = ({ search }: { search: object }): unknown => ("tab" in search ? search.tab : undefined);

export function Unsaved({ changed }: { changed: boolean }) {
  const { t } = useTranslation("settings");
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => changed && (current.pathname !== next.pathname || tab(current) !== tab(next)),
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
