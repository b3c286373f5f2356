/** A span of time as a number and its unit. */

import { Group, NativeSelect, NumberInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

const UNITS = { minutes: 1, hours: 60, days: 1440 } as const;
type Unit = keyof typeof UNITS;
/** 30 days, as much as the server takes. */
const MOST = 43_200;

interface Props {
  label: string;
  minutes: number;
  onChange: (minutes: number) => void;
  error: string | undefined;
}

export function Duration({ label, minutes, onChange, error }: Props) {
  const { t } = useTranslation("automations");
  const [unit, setUnit] = useState<Unit>(() => fitting(minutes));
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <NumberInput
        size="xs"
        w={90}
        aria-label={label}
        value={minutes / UNITS[unit]}
        onChange={(value) => onChange(Math.round(Number(value) * UNITS[unit]))}
        min={1}
        max={MOST / UNITS[unit]}
        allowDecimal={false}
        error={error}
      />
      <NativeSelect
        size="xs"
        aria-label={t("unit.label")}
        value={unit}
        data={(Object.keys(UNITS) as Unit[]).map((value) => ({ value, label: t(`unit.${value}`) }))}
        onChange={(event) => {
          const next = event.currentTarget.value as Unit;
          onChange(Math.min(MOST, Math.max(1, Math.round(minutes / UNITS[unit])) * UNITS[next]));
          setUnit(next);
        }}
      />
    </Group>
  );
}

function fitting(minutes: number): Unit {
  if (minutes > 0 && minutes % 1440 === 0) return "days";
  return minutes > 0 && minutes % 60 === 0 ? "hours" : "minutes";
}
