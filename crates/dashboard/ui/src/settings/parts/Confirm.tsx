/** What cannot be undone is done only by who types the name of it. */

import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import { Form, type Saving } from "./forms";

interface ConfirmProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  text: ReactNode;
  /** What must be typed; nothing for what is easily made again. */
  name?: string;
  /** Of the button that does it. */
  label: string;
  saving: Saving;
  onConfirm: () => void;
}

export function Confirm({ opened, onClose, title, ...rest }: ConfirmProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <Inside onClose={onClose} {...rest} />
    </Modal>
  );
}

function Inside({ onClose, text, name, label, saving, onConfirm }: Omit<ConfirmProps, "opened" | "title">) {
  const { t } = useTranslation("settings");
  const [typed, setTyped] = useState("");
  return (
    <Form saving={saving} fields={[]} onSubmit={onConfirm}>
      <Stack>
        <Text component="div" size="sm">
          {text}
        </Text>
        {name !== undefined && (
          <TextInput
            label={t("typeName", { name })}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button
            type="submit"
            color="red"
            loading={saving.isPending}
            disabled={name !== undefined && typed.trim() !== name.trim()}
          >
            {label}
          </Button>
        </Group>
      </Stack>
    </Form>
  );
}
