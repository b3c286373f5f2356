/** A field for a password one chooses, telling how good it is. */

import { PasswordInput, Progress, Text } from "@mantine/core";
import { useId } from "@mantine/hooks";
import { useTranslation } from "react-i18next";

import { LONGEST, type Strength, strength } from "./strength";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  /** Words that make no password better: one's name, address, company. */
  known?: string[];
  autoFocus?: boolean;
}

const SHOWN: Record<Strength, { part: number; color: string }> = {
  short: { part: 10, color: "red" },
  weak: { part: 25, color: "red" },
  fair: { part: 50, color: "orange" },
  good: { part: 75, color: "teal" },
  strong: { part: 100, color: "teal" },
};

export function NewPassword({ label, value, onChange, error, known = [], autoFocus = false }: Props) {
  const { t } = useTranslation("access");
  const hint = useId();
  const found = strength(value, known);
  const { part, color } = SHOWN[found];
  return (
    <div>
      <PasswordInput
        name="new-password"
        label={label}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        autoComplete="new-password"
        maxLength={LONGEST}
        error={error}
        aria-describedby={hint}
        visibilityToggleButtonProps={{ "aria-label": t("showPassword") }}
        autoFocus={autoFocus}
        required
      />
      {value && <Progress value={part} color={color} size="xs" mt={6} aria-hidden />}
      <Text id={hint} size="xs" c="dimmed" mt={4} aria-live="polite">
        {value ? t(`strength.${found}`) : t("passwordHint")}
      </Text>
    </div>
  );
}
