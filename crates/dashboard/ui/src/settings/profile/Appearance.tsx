import { Group, NativeSelect, SegmentedControl, Text, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";

import { choose, LANGUAGES, type Language } from "../../i18n";
import { Part } from "../parts/Page";

const SCHEMES: MantineColorScheme[] = ["auto", "light", "dark"];

/** Kept in this browser: a phone may be dark while the desk is light. */
export function Appearance() {
  const { t, i18n } = useTranslation("profile");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const label = useId();
  return (
    <Part title={t("look.title")} about={t("look.lead")}>
      <Group gap="lg" align="flex-end">
        <NativeSelect
          label={t("look.language")}
          value={i18n.language}
          data={Object.entries(LANGUAGES).map(([value, name]) => ({ value, label: name }))}
          onChange={(event) => void choose(event.currentTarget.value as Language)}
          miw={200}
        />
        <div>
          <Text id={label} size="sm" fw={600} mb={2}>
            {t("look.theme")}
          </Text>
          <SegmentedControl
            aria-labelledby={label}
            value={colorScheme}
            data={SCHEMES.map((value) => ({ value, label: t(`look.${value}`) }))}
            onChange={(value) => setColorScheme(value as MantineColorScheme)}
          />
        </div>
      </Group>
    </Part>
  );
}
