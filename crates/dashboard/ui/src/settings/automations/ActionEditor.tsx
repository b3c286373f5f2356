/** One thing a rule does. */

import { ActionIcon, NativeSelect, Select, Textarea, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import classes from "./Automations.module.css";
import { Duration } from "./Duration";
import { useNames } from "./queries";
import { type Action, ACTION_TYPES, ACTIONS, type ActionType, WORDS } from "./rules";

interface Props {
  action: Action;
  onChange: (action: Action) => void;
  onRemove: (() => void) | undefined;
  /** Nothing where there is nowhere to go. */
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
  error: string | undefined;
}

export function ActionEditor({ action: it, onChange, onRemove, onUp, onDown, error }: Props) {
  const { t } = useTranslation("automations");
  const setType = (type: ActionType) =>
    onChange({ ...it, type, value: ACTIONS[type] === ACTIONS[it.type] ? it.value : first(type) });
  return (
    <div className={`${classes.row} ${classes.calm}`}>
      <NativeSelect
        size="xs"
        aria-label={t("actionLabel")}
        value={it.type}
        data={ACTION_TYPES.map((value) => ({ value, label: t(`action.${value}`) }))}
        onChange={(event) => setType(event.currentTarget.value as ActionType)}
      />
      <div className={classes.value}>
        <Parameter action={it} onChange={(value) => onChange({ ...it, value })} error={error} />
      </div>
      <ActionIcon variant="subtle" color="gray" aria-label={t("actionUp")} disabled={!onUp} onClick={onUp}>
        <IconArrowUp size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label={t("actionDown")} disabled={!onDown} onClick={onDown}>
        <IconArrowDown size={16} aria-hidden />
      </ActionIcon>
      {onRemove && (
        <ActionIcon variant="subtle" color="gray" aria-label={t("removeAction")} onClick={onRemove}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      )}
    </div>
  );
}

function first(type: ActionType): string {
  if (type === "set_status") return "resolved";
  if (type === "set_priority") return "high";
  return type === "snooze" ? "60" : "";
}

interface ParameterProps {
  action: Action;
  onChange: (value: string) => void;
  error: string | undefined;
}

function Parameter({ action: it, onChange, error }: ParameterProps) {
  const { t } = useTranslation("automations");
  const names = useNames();
  const label = t(`action.${it.type}`);
  const common = { size: "xs", "aria-label": label, error } as const;
  const choose = (data: { value: string; label: string }[]) => (
    <Select {...common} data={data} value={it.value} onChange={(value) => onChange(value ?? "")} allowDeselect={false} />
  );
  switch (ACTIONS[it.type]) {
    case "status":
      // Sleeping has an action of its own, which says for how long.
      return choose(WORDS.status.filter((word) => word !== "snoozed").map((value) => ({ value, label: t(`word.${value}`) })));
    case "priority":
      return choose(WORDS.priority.map((value) => ({ value, label: t(`word.${value}`) })));
    case "agent_id":
      return choose([{ value: "", label: t("nobody") }, ...names.agents.map((one) => ({ value: one.id, label: one.name }))]);
    case "canned_reply_id":
      return choose(names.replies.map((one) => ({ value: one.id, label: one.name })));
    case "minutes":
      return <Duration label={label} minutes={Number(it.value) || 0} onChange={(value) => onChange(String(value))} error={error} />;
    case "text":
      return (
        <Textarea
          {...common}
          description={t("variables", { skipInterpolation: true })}
          value={it.value}
          onChange={(event) => onChange(event.currentTarget.value)}
          autosize
          minRows={2}
        />
      );
    case "tag":
    case "url":
      return (
        <TextInput
          {...common}
          placeholder={it.type === "call_webhook" ? "https://" : undefined}
          value={it.value}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case null:
      return null;
  }
}
