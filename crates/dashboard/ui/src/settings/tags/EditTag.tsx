/** A tag's name and colour, or a new tag. */

import { Button, ColorInput, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, answer, api } from "../../api/client";
import { inColor } from "../../people/TagChips";
import chips from "../../people/TagChips.module.css";
import { Form, useSave } from "../parts/forms";
import type { UsedTag } from "../queries";
import { refreshTags } from "./refresh";

/** Those the server gives by turns. */
const COLORS = ["#4c6ef5", "#0ca678", "#e8590c", "#ae3ec9", "#1098ad", "#d6336c", "#74b816", "#f08c00", "#868e96", "#e03131"];

interface Props {
  tag?: UsedTag;
  /** For who chooses a name that is taken: the other one. */
  all?: readonly UsedTag[];
  onClose: () => void;
}

export function EditTag({ tag, all = [], onClose }: Props) {
  const { t } = useTranslation(["tags", "settings"]);
  const client = useQueryClient();
  const [name, setName] = useState(tag?.name ?? "");
  const [color, setColor] = useState(tag?.color ?? "");
  const done = (text: string) => {
    refreshTags(client);
    notifications.show({ message: text });
    onClose();
  };
  const save = useSave(
    () => {
      const body = { name: name.trim(), ...(color && { color }) };
      return tag
        ? answer(api.PATCH("/api/tags/{id}", { params: { path: { id: tag.id } }, body }))
        : answer(api.POST("/api/tags", { body }));
    },
    (it) => done(t("saved", { name: it.name })),
  );
  const taken = save.error instanceof ApiError && save.error.status === 409;
  const other = taken ? all.find((it) => it.name.toLowerCase() === name.trim().toLowerCase()) : undefined;
  const merge = useSave(
    () => answer(api.POST("/api/tags/{id}/merge", { params: { path: { id: tag!.id } }, body: { into: other!.id } })),
    (it) => done(t("merged", { name: tag?.name, into: it.name })),
  );
  return (
    <Modal opened onClose={onClose} title={tag ? t("editName", { name: tag.name }) : t("add")}>
      <Form saving={merge.error ? merge : save} fields={["name", "color"]} onSubmit={() => save.mutate(undefined)}>
        <Stack>
          <TextInput
            label={t("name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={save.field("name")}
            maxLength={60}
            required
            data-autofocus
          />
          <ColorInput
            label={t("color")}
            description={t("colorHelp")}
            value={color}
            onChange={setColor}
            format="hex"
            swatches={COLORS}
            placeholder={t("colorByTurns")}
            error={save.field("color")}
            withEyeDropper={false}
            // What is half typed the server explains; nothing is put back behind one's back.
            fixOnBlur={false}
          />
          {name.trim() && (
            <Group gap="xs">
              <Text size="sm">{t("looks")}</Text>
              <span className={chips.chip} style={inColor(color || COLORS[0]!)}>
                <span className={chips.name}>{name.trim()}</span>
              </span>
            </Group>
          )}
          <Group justify="flex-end">
            {tag && other && (
              <Button variant="light" loading={merge.isPending} onClick={() => merge.mutate(undefined)}>
                {t("mergeInto", { name: other.name })}
              </Button>
            )}
            <Button variant="default" onClick={onClose}>
              {t("settings:cancel")}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t("settings:save")}
            </Button>
          </Group>
        </Stack>
      </Form>
    </Modal>
  );
}
