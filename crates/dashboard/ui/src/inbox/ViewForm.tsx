/** A view's name, and who sees it. */

import { Button, Group, Modal, Stack, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "../api/client";

interface Props {
  title: string;
  name?: string;
  shared?: boolean;
  save: (name: string, shared: boolean) => Promise<unknown>;
  onClose: () => void;
}

export default function ViewForm({ title, save, onClose, ...was }: Props) {
  const { t } = useTranslation("inbox");
  const [name, setName] = useState(was.name ?? "");
  const [shared, setShared] = useState(was.shared ?? false);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await save(name, shared);
      onClose();
    } catch (error) {
      setProblem(error instanceof ApiError ? (error.field("name") ?? error.message) : t("failedToSave"));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": t("saved.cancel") }} size="sm">
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <TextInput
            label={t("saved.name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={problem}
            required
            data-autofocus
          />
          <Switch
            label={t("saved.shared")}
            checked={shared}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t("saved.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("saved.create")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
