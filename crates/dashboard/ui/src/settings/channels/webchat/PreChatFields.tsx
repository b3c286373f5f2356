/** What a visitor is asked before the first message. */

import { ActionIcon, Button, Checkbox, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { PreChatField } from "./config";
import type { WebchatFieldsProps } from "./WebchatFields";

const KNOWN = ["name", "email", "phone"] as const;
type Known = (typeof KNOWN)[number];

const isKnown = (field: string): field is Known => (KNOWN as readonly string[]).includes(field);

export function PreChatFields({ form, setForm, error }: WebchatFieldsProps) {
  const { t } = useTranslation("channels");
  const list = form.pre_chat;
  const set = (pre_chat: PreChatField[]) => setForm((it) => ({ ...it, pre_chat }));
  const put = (at: number, part: Partial<PreChatField>) =>
    set(list.map((it, index) => (index === at ? { ...it, ...part } : it)));

  function add() {
    const next = KNOWN.find((it) => !list.some((asked) => asked.field === it));
    set([...list, { field: next ?? "", label: next ? t(`webchat.ask.${next}`) : "", required: false }]);
  }

  return (
    <div role="group" aria-label={t("webchat.preChat")}>
      <Text size="sm" fw={600}>
        {t("webchat.preChat")}
      </Text>
      <Text size="xs" c="dimmed" mb="xs">
        {t("webchat.preChatHelp")}
      </Text>
      {error("config.pre_chat") && list.length === 0 && (
        <Text size="xs" c="red">
          {error("config.pre_chat")}
        </Text>
      )}
      <Stack gap="xs">
        {list.map((it, at) => (
          <Group key={at} gap="xs" align="flex-start">
            <Select
              flex="1 1 8rem"
              aria-label={t("webchat.askFor")}
              value={isKnown(it.field) ? it.field : "other"}
              onChange={(value) => {
                const field = value && isKnown(value) ? value : "";
                put(at, { field, ...(field ? { label: t(`webchat.ask.${field}`) } : {}) });
              }}
              data={[
                ...KNOWN.map((name) => ({ value: name, label: t(`webchat.ask.${name}`) })),
                { value: "other", label: t("webchat.ask.other") },
              ]}
              allowDeselect={false}
            />
            {!isKnown(it.field) && (
              <TextInput
                flex="1 1 8rem"
                aria-label={t("webchat.attribute")}
                placeholder={t("webchat.attribute")}
                value={it.field}
                onChange={(event) => put(at, { field: event.currentTarget.value })}
                error={error(`config.pre_chat[${at}].field`)}
                required
              />
            )}
            <TextInput
              flex="2 1 10rem"
              aria-label={t("webchat.label")}
              placeholder={t("webchat.label")}
              value={it.label}
              onChange={(event) => put(at, { label: event.currentTarget.value })}
              error={error(`config.pre_chat[${at}].label`)}
              required
            />
            <Group gap="xs" mih={36} wrap="nowrap">
              <Checkbox
                label={t("webchat.required")}
                checked={it.required}
                onChange={(event) => put(at, { required: event.currentTarget.checked })}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t("webchat.removeField", { name: it.label })}
                onClick={() => set(list.filter((_, index) => index !== at))}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          </Group>
        ))}
      </Stack>
      {list.length < 10 && (
        <Button variant="subtle" size="compact-sm" mt="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={add}>
          {t("webchat.addField")}
        </Button>
      )}
    </div>
  );
}
