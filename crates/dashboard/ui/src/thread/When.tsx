/** Choosing a time: one that is common, one in words, or one from the calendar. */

import { Button, Group, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import { parseWhen } from "../lib/natural";
import { comingTime, longTime, presets } from "../lib/times";
import classes from "./When.module.css";

interface Props {
  /** What happens then, as the button says it. */
  action: string;
  onChoose: (at: Date) => void;
  children?: ReactNode;
}

export function When({ action, onChoose, children }: Props) {
  const { t } = useTranslation("thread");
  const [typed, setTyped] = useState("");
  const [picked, setPicked] = useState("");
  const said = parseWhen(typed);
  const soon = picked ? new Date(picked) : undefined;
  const at = said ?? (typed.trim() ? undefined : soon);
  const isOver = at !== undefined && at.getTime() <= Date.now();
  const usable = at && !isOver ? at : undefined;
  return (
    <Stack gap="xs">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (usable) onChoose(usable);
        }}
      >
        <TextInput
          data-autofocus
          size="sm"
          label={t("when.words")}
          placeholder={t("when.example")}
          description={usable ? longTime(usable.toISOString()) : " "}
          inputWrapperOrder={["label", "input", "description", "error"]}
          error={typed.trim() && !said ? t("when.unclear") : isOver && t("when.over")}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <TextInput
          size="sm"
          mt="xs"
          type="datetime-local"
          label={t("when.calendar")}
          value={picked}
          onChange={(event) => {
            setPicked(event.currentTarget.value);
            setTyped("");
          }}
        />
        {children}
        <Group justify="flex-end" mt="sm">
          <Button type="submit" size="sm" disabled={!usable}>
            {action}
          </Button>
        </Group>
      </form>
      <div role="group" aria-label={t("when.common")} className={classes.presets}>
        {presets().map(({ key, at: then }) => (
          <UnstyledButton key={key} className={classes.preset} onClick={() => onChoose(then)}>
            <span>{t(`when.${key}`)}</span>
            <Text component="span" size="xs" c="dimmed" title={longTime(then.toISOString())}>
              {comingTime(then)}
            </Text>
          </UnstyledButton>
        ))}
      </div>
    </Stack>
  );
}
