/** Conditions that hold together, with groups inside groups. */

import { ActionIcon, Button, Group as Line, NativeSelect, Stack, Text } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Saving } from "../parts/forms";
import classes from "./Automations.module.css";
import { ConditionEditor } from "./ConditionEditor";
import { type Condition, type Group, isGroup, type Match, newCondition, newGroup } from "./rules";

/** As deep as the server lets groups nest. */
const DEEPEST = 5;
const MATCHES: Match[] = ["all", "any", "none"];

interface Props {
  group: Group;
  onChange: (group: Group) => void;
  onRemove?: () => void;
  /** Where it stands in what is sent, as the server names what is wrong with it. */
  path: string;
  saving: Saving;
  depth?: number;
}

export function GroupEditor({ group, onChange, onRemove, path, saving, depth = 1 }: Props) {
  const { t } = useTranslation("automations");
  const put = (at: number, it: Group | Condition) =>
    onChange({ ...group, rules: group.rules.map((rule, index) => (index === at ? it : rule)) });
  const drop = (at: number) => onChange({ ...group, rules: group.rules.filter((_, index) => index !== at) });
  return (
    <fieldset className={classes.group} aria-label={t("conditions")}>
      <Stack gap="xs">
        <Line gap="xs">
          <NativeSelect
            size="xs"
            aria-label={t("match.label")}
            value={group.match}
            data={MATCHES.map((value) => ({ value, label: t(`match.${value}`) }))}
            onChange={(event) => onChange({ ...group, match: event.currentTarget.value as Match })}
          />
          {onRemove && (
            <ActionIcon variant="subtle" color="gray" aria-label={t("removeGroup")} onClick={onRemove} ms="auto">
              <IconX size={16} aria-hidden />
            </ActionIcon>
          )}
        </Line>
        {group.rules.length === 0 && (
          <Text size="sm" c="dimmed">
            {t("always")}
          </Text>
        )}
        {group.rules.map((it, at) => {
          const below = `${path}.rules[${at}]`;
          return isGroup(it) ? (
            <GroupEditor
              key={it.key}
              group={it}
              onChange={(next) => put(at, next)}
              onRemove={() => drop(at)}
              path={below}
              saving={saving}
              depth={depth + 1}
            />
          ) : (
            <ConditionEditor
              key={it.key}
              condition={it}
              onChange={(next) => put(at, next)}
              onRemove={() => drop(at)}
              error={saving.field(below)}
            />
          );
        })}
        <Line gap="xs">
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => onChange({ ...group, rules: [...group.rules, newCondition()] })}
          >
            {t("addCondition")}
          </Button>
          {depth < DEEPEST && (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => onChange({ ...group, rules: [...group.rules, newGroup(group.match === "any" ? "all" : "any")] })}
            >
              {t("addGroup")}
            </Button>
          )}
        </Line>
      </Stack>
    </fieldset>
  );
}
