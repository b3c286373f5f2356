import { Stack, Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Message } from "../api/queries";
import { longTime, shortTime } from "../lib/times";
import classes from "./EventLine.module.css";
import { sentence, summary } from "./events";

/** What happened to the conversation, told between its messages. */
export function EventLine({ message }: { message: Message }) {
  const { t } = useTranslation(["thread", "common"]);
  return (
    <Text size="xs" c="dimmed" ta="center" className="words">
      {sentence(t, message)} · <When at={message.created_at} />
    </Text>
  );
}

/** Many such lines in one, until they are asked for. */
export function FoldedLines(props: { lines: Message[]; open: boolean; onToggle: () => void }) {
  const { t } = useTranslation(["thread", "common"]);
  const { lines, open } = props;
  return (
    <Stack gap={6} align="center">
      <UnstyledButton className={classes.fold} aria-expanded={open} onClick={props.onToggle}>
        <IconChevronRight className={classes.mark} size={14} aria-hidden />
        <span className="words">
          {summary(t, lines)} · <When at={lines.at(-1)?.created_at ?? ""} />
        </span>
      </UnstyledButton>
      {open && lines.map((it) => <EventLine key={it.id} message={it} />)}
    </Stack>
  );
}

function When({ at }: { at: string }) {
  return <time title={longTime(at)}>{shortTime(at)}</time>;
}
