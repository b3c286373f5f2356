/** Putting a conversation away until a time. */

import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useSetStatus } from "../api/changes";
import type { Conversation } from "../api/queries";
import { When } from "../thread/When";

export function SnoozeDialog({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation("thread");
  const setStatus = useSetStatus(conversation.id);
  return (
    <Modal opened onClose={onClose} title={t("actions.snooze")} size="sm" closeButtonProps={{ "aria-label": t("close") }}>
      <When
        action={t("actions.snoozeDo")}
        onChoose={(at) => {
          setStatus.mutate({ status: "snoozed", snoozed_until: at.toISOString() });
          onClose();
        }}
      />
    </Modal>
  );
}
