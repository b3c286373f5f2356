/** Days on which nobody answers, whatever weekday they are. */

import { Button, Group, Pill, PillGroup, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { locale } from "../../i18n";

interface HolidaysProps {
  /** Each as `2026-12-25`. */
  days: string[];
  onChange: (days: string[]) => void;
  error: string | undefined;
}

export function Holidays({ days, onChange, error }: HolidaysProps) {
  const { t } = useTranslation("workspace");
  const [day, setDay] = useState("");
  const format = new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeZone: "UTC" });
  const shown = (it: string) => format.format(new Date(`${it}T00:00:00Z`));
  function add() {
    if (!day) return;
    onChange([...new Set([...days, day])].sort());
    setDay("");
  }
  return (
    <Stack gap="sm">
      {days.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("holidays.none")}
        </Text>
      ) : (
        <PillGroup>
          {days.map((it) => (
            <Pill
              key={it}
              size="lg"
              withRemoveButton
              onRemove={() => onChange(days.filter((other) => other !== it))}
              removeButtonProps={{ "aria-label": t("holidays.remove", { day: shown(it) }), "aria-hidden": false, tabIndex: 0 }}
            >
              {shown(it)}
            </Pill>
          ))}
        </PillGroup>
      )}
      <Group align="flex-end" gap="xs">
        <TextInput
          type="date"
          label={t("holidays.day")}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            add();
          }}
          error={error}
        />
        <Button variant="default" onClick={add} disabled={!day}>
          {t("holidays.add")}
        </Button>
      </Group>
    </Stack>
  );
}
