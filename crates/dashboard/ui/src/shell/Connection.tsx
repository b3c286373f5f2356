/** A connection that is lost shows, and heals by itself. */

import { Button, Group, Text } from "@mantine/core";
import { useNetwork } from "@mantine/hooks";
import { IconWifiOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { hurry, useLost } from "../live/stream";
import classes from "./Shell.module.css";

export function Connection() {
  const { t } = useTranslation();
  const lost = useLost();
  const { online } = useNetwork();
  return (
    <div role="status" className={classes.connection}>
      {lost && (
        <Group className={classes.lost} gap="xs" wrap="nowrap">
          <IconWifiOff size={16} aria-hidden className={classes.icon} />
          <Text size="sm" flex={1}>
            {online ? t("shell.connection.lost") : t("shell.connection.offline")}
          </Text>
          <Button size="compact-sm" variant="default" onClick={hurry}>
            {t("shell.connection.now")}
          </Button>
        </Group>
      )}
    </div>
  );
}
