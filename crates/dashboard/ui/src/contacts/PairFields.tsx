/** Rows of a name and a value. */

import { ActionIcon, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Pair } from "./pairs";

interface Props {
  title: string;
  pairs: Pair[];
  onChange: (pairs: Pair[]) => void;
  onAdd: () => void;
  error: string | undefined;
}

export function Pairs({ title, pairs, onChange, onAdd, error }: Props) {
  const { t } = useTranslation("contacts");
  const set = (key: number, change: Partial<Pair>) =>
    onChange(pairs.map((it) => (it.key === key ? { ...it, ...change } : it)));
  return (
    <Stack component="fieldset" gap={6} bd={0} p={0} m={0} miw={0}>
      <Group component="legend" gap="xs" p={0}>
        <Text size="sm" fw={600}>
          {title}
        </Text>
      </Group>
      {pairs.map((it) => (
        <Group key={it.key} gap={6} wrap="nowrap">
          <TextInput
            flex={1}
            miw={0}
            size="xs"
            aria-label={t("pair.name", { title })}
            placeholder={t("pair.namePlaceholder")}
            value={it.name}
            onChange={(event) => set(it.key, { name: event.currentTarget.value })}
          />
          <TextInput
            flex={1.4}
            miw={0}
            size="xs"
            aria-label={t("pair.value", { title, name: it.name })}
            placeholder={t("pair.valuePlaceholder")}
            value={it.value}
            onChange={(event) => set(it.key, { value: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("pair.remove", { name: it.name })}
            onClick={() => onChange(pairs.filter((other) => other.key !== it.key))}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {error && (
        <Text size="xs" c="red" role="alert">
          {error}
        </Text>
      )}
      <div>
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={onAdd}
          aria-label={t("pair.addTo", { title })}
        >
          {t("pair.add")}
        </Button>
      </div>
    </Stack>
  );
}
