import { SimpleGrid, Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { Page } from "../parts/Page";
import classes from "./Automations.module.css";
import type { Draft } from "./rules";
import { draftOf, TEMPLATES } from "./templates";

/** What others begin with. */
export function Templates({ onChosen }: { onChosen: (draft: Draft) => void }) {
  const { t } = useTranslation("automations");
  return (
    <Page title={t("new")} about={t("newAbout")} back={{ section: "automations", name: t("title") }} wide>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
        {TEMPLATES.map((it) => (
          <UnstyledButton key={it.name} className={classes.template} onClick={() => onChosen(draftOf(it, t))}>
            <Text fw={600} size="sm">
              {t(`template.${it.name}.name`)}
            </Text>
            <Text size="sm" c="dimmed">
              {t(`template.${it.name}.about`)}
            </Text>
          </UnstyledButton>
        ))}
      </SimpleGrid>
    </Page>
  );
}
