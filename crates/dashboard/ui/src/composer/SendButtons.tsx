/** Sending: now, later, and with what becomes of the conversation. */

import { ActionIcon, Button, Checkbox, Group, Menu, Modal } from "@mantine/core";
import { IconCheck, IconChevronUp, IconClock, IconClockPause, IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Conversation } from "../api/queries";
import { When } from "../thread/When";
import classes from "./Composer.module.css";

export interface Plan {
  /** When it leaves, if not at once. */
  at?: Date;
  cancelIfCustomerWrites?: boolean;
  resolve?: boolean;
  snoozeUntil?: Date;
  force?: boolean;
}

interface Props {
  conversation: Conversation;
  isNote: boolean;
  disabled: boolean;
  busy: boolean;
  onSend: (plan: Plan) => void;
}

export function SendButtons({ conversation, isNote, disabled, busy, onSend }: Props) {
  const { t } = useTranslation("thread");
  const [asking, setAsking] = useState<"later" | "snooze">();
  const [unlessAnswered, setUnlessAnswered] = useState(true);
  const resolved = conversation.status === "resolved";
  const choose = (at: Date) => {
    setAsking(undefined);
    onSend(asking === "later" ? { at, cancelIfCustomerWrites: unlessAnswered } : { snoozeUntil: at });
  };
  return (
    <>
      {!resolved && !isNote && (
        <Button className={classes.resolve} size="xs" px={10} variant="default" disabled={disabled} onClick={() => onSend({ resolve: true })}>
          {t("composer.sendAndResolve")}
        </Button>
      )}
      <Group gap={1} wrap="nowrap" ms="auto">
        <Button
          size="xs"
          px={10}
          color={isNote ? "yellow" : "indigo"}
          leftSection={<IconSend size={15} />}
          classNames={{ section: classes.roomy }}
          loading={busy}
          disabled={disabled}
          onClick={() => onSend({})}
        >
          {isNote ? t("composer.addNote") : t("composer.send")}
        </Button>
        {!isNote && (
          <Menu position="top-end" disabled={disabled}>
            <Menu.Target>
              <ActionIcon size={30} aria-label={t("composer.sendOptions")} disabled={disabled}>
                <IconChevronUp size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {!resolved && (
                <Menu.Item leftSection={<IconCheck size={16} />} onClick={() => onSend({ resolve: true })}>
                  {t("composer.sendAndResolve")}
                </Menu.Item>
              )}
              <Menu.Item leftSection={<IconClockPause size={16} />} onClick={() => setAsking("snooze")}>
                {t("composer.sendAndSnooze")}
              </Menu.Item>
              <Menu.Item leftSection={<IconClock size={16} />} onClick={() => setAsking("later")}>
                {t("composer.sendLater")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      <Modal
        opened={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={asking === "snooze" ? t("composer.snoozeUntil") : t("composer.sendAt")}
        closeButtonProps={{ "aria-label": t("close") }}
        size="sm"
      >
        <When action={asking === "snooze" ? t("composer.sendAndSnooze") : t("composer.schedule")} onChoose={choose}>
          {asking === "later" && (
            <Checkbox
              mt="xs"
              size="sm"
              label={t("composer.unlessAnswered")}
              checked={unlessAnswered}
              onChange={(event) => setUnlessAnswered(event.currentTarget.checked)}
            />
          )}
        </When>
      </Modal>
    </>
  );
}
