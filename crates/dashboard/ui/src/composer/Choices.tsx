/** The list above the editor, while a word is looked up. */

import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import classes from "./Choices.module.css";
import type { Choice } from "./useChoices";

interface Props {
  id: string;
  choices: Choice[];
  marked: number;
  onMark: (index: number) => void;
  onPick: (choice: Choice) => void;
}

export const choiceId = (list: string, index: number): string => `${list}-${index}`;

export function Choices({ id, choices, marked, onMark, onPick }: Props) {
  const { t } = useTranslation("thread");
  return (
    <div className={classes.frame}>
      {choices.length === 0 && (
        <Text size="sm" c="dimmed" p="xs" role="status">
          {t("canned.none")}
        </Text>
      )}
      <div id={id} role="listbox" aria-label={t("canned.choose")} className={classes.list}>
        {choices.map((it, index) => (
          <div
            key={it.id}
            id={choiceId(id, index)}
            role="option"
            aria-selected={index === marked}
            className={classes.choice}
            onPointerMove={() => onMark(index)}
            // Not by a click: the editor would lose its caret.
            onMouseDown={(event) => {
              event.preventDefault();
              onPick(it);
            }}
          >
            <Text size="sm" fw={600} component="span">
              {it.title}
            </Text>
            {it.detail && (
              <Text size="xs" c="dimmed" truncate component="span">
                {it.detail}
              </Text>
            )}
          </div>
        ))}
      </div>
    </div>
  );
}
