import { Text } from "@mantine/core";

import type { Message } from "../api/queries";
import { longTime, shortTime } from "../lib/times";

/** What happened to the conversation, told between its messages. */
export function EventLine({ message }: { message: Message }) {
  return (
    <Text size="xs" c="dimmed" ta="center">
      {message.text} · <time title={longTime(message.created_at)}>{shortTime(message.created_at)}</time>
    </Text>
  );
}
