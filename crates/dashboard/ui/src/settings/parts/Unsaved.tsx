/** Asks before what was typed is left behind. */

import { Button, Group, Modal, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** The part of a page that is open: another one takes this one's form away. */
const tab = ({ search }: { search: object }): unknown => ("tab" in search ? search.tab : undefined);

export function Unsaved({ changed }: { changed: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => changed && (current.pathname !== next.pathname || tab(current) !== tab(next)),
    enableBeforeUnload: changed,
    withResolver: true,
  });
  return (
    <AskToLeave
      opened={blocker.status === "blocked"}
      onLeave={() => blocker.proceed?.()}
      onStay={() => blocker.reset?.()}
    />
  );
}

interface AskProps {
  opened: boolean;
  onLeave: () => void;
  onStay: () => void;
}

export function AskToLeave({ opened, onLeave, onStay }: AskProps) {
  const { t } = useTranslation("settings");
  return (
    <Modal opened={opened} onClose={onStay} title={t("unsaved.title")}>
      <Text size="sm">{t("unsaved.text")}</Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onLeave}>
          {t("unsaved.leave")}
        </Button>
        <Button onClick={onStay} data-autofocus>
          {t("unsaved.stay")}
        </Button>
      </Group>
    </Modal>
  );
}
