import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Message } from "../api/queries";
import { longTime, shortTime } from "../lib/times";
import { sentence } from "./events";

/** What happened to the conversation, told between its messages. */
export function EventLine({ message }: { message: Message }) {
  const { t } = useTranslation(["thread", "common"]);
  return (
    <Text size="xs" c="dimmed" ta="center" className="words">
      {sentence(t, message.text)} · <time title={longTime(message.created_at)}>{shortTime(message.created_at)}</time>
    </Text>
  );
}
