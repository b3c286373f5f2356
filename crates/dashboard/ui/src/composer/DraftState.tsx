/** Whether what is typed is safe, and whose it is when two windows wrote. */

import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconCloudCheck, IconCloudOff, IconCloudUp } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import classes from "./Composer.module.css";
import type { State } from "./keeper";
import type { useDraft } from "./useDraft";

export function DraftState({ state }: { state: State }) {
  const { t } = useTranslation("thread");
  const told = state === "saved" || state === "saving" || state === "offline" ? t(`draft.${state}`) : "";
  const Icon = state === "saved" ? IconCloudCheck : state === "offline" ? IconCloudOff : IconCloudUp;
  return (
    <Text size="xs" c="dimmed" role="status" className={classes.state} data-offline={state === "offline" || undefined} title={told}>
      {told && <Icon size={16} className={classes.sign} aria-hidden />}
      <span className={classes.told}>{told}</span>
    </Text>
  );
}

DraftState.Conflict = function Conflict({ draft }: { draft: ReturnType<typeof useDraft> }) {
  const { t } = useTranslation("thread");
  const { other, keeper } = draft;
  if (draft.state !== "conflict" || !other) return null;
  return (
    <Alert variant="default" p="xs" mb="xs" role="alert" icon={<IconAlertTriangle size={18} color="var(--mantine-color-orange-6)" />}>
      <Text size="sm">{other.version === 0 ? t("draft.goneElsewhere") : t("draft.changedElsewhere")}</Text>
      {other.text && (
        <Text size="xs" c="dimmed" className="words" lineClamp={3}>
          {other.text}
        </Text>
      )}
      <Group gap="xs" mt={6}>
        <Button size="compact-sm" onClick={() => keeper.insist(other)}>
          {t("draft.keepThis")}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => draft.replace(keeper.take(other))}>
          {other.version === 0 ? t("draft.drop") : t("draft.takeOther")}
        </Button>
      </Group>
    </Alert>
  );
};
