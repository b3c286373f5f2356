/** That one has begun to write there. */

import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { drafts } from "../api/queries";
import classes from "./ConversationRow.module.css";

export function DraftMark({ id }: { id: string }) {
  const { t } = useTranslation("inbox");
  const { data: begun } = useQuery({
    ...drafts,
    select: (all) => all.data.some((it) => it.conversation_id === id),
  });
  if (!begun) return null;
  return (
    <Text component="span" size="xs" fw={700} className={classes.fixed}>
      {t("row.draft")}
    </Text>
  );
}
