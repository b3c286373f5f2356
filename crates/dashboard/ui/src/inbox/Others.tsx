/** Who else is at the open conversation: two people should not answer it at once. */

import { Avatar, Group, Text } from "@mantine/core";
import { IconEye, IconPencil } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { useOthers } from "../live/presence";
import classes from "./Others.module.css";

/** It lies over what is read: whoever comes and goes moves nothing. */
export function Others({ id }: { id: string }) {
  const { t } = useTranslation("inbox");
  const others = useOthers(id);
  const typing = others.some((it) => it.activity === "typing");
  const said = others.map((it) => t(it.activity === "typing" ? "here.typing" : "here.viewing", { name: it.name }));
  return (
    <div className={classes.place} role="status">
      {others.length > 0 && (
        <Group className={classes.others} data-typing={typing || undefined} gap={6} wrap="nowrap">
          {typing ? <IconPencil size={15} aria-hidden /> : <IconEye size={15} aria-hidden />}
          {others.slice(0, 3).map((it) => (
            <Avatar key={it.agent_id} size={20} name={it.name} color="initials" aria-hidden />
          ))}
          <Text size="xs" truncate>
            {said.join(" · ")}
          </Text>
        </Group>
      )}
    </div>
  );
}
