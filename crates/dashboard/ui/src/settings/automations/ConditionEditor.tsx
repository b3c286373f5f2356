/** One comparison: what is looked at, how, and with what. */

import { ActionIcon, MultiSelect, NativeSelect, Select, TagsInput, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { tags } from "../../api/queries";
import classes from "./Automations.module.css";
import { useNames } from "./queries";
import {
  type Condition,
  type Field,
  FIELDS,
  type Operator,
  operatorsOf,
  takesNothing,
  takesSeveral,
  wordsOf,
} from "./rules";

interface Props {
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
  error: string | undefined;
}

export function ConditionEditor({ condition: it, onChange, onRemove, error }: Props) {
  const { t } = useTranslation("automations");
  const setField = (field: Field) => {
    const operators = operatorsOf(field);
    const operator = operators.includes(it.operator) ? it.operator : (operators[0] ?? "eq");
    const words = wordsOf(field);
    const same = words === undefined && wordsOf(it.field) === undefined;
    onChange({ ...it, field, operator, value: same ? it.value : words?.length === 2 ? [words[0] ?? ""] : [] });
  };
  return (
    <div className={classes.row}>
      <NativeSelect
        size="xs"
        aria-label={t("fieldLabel")}
        value={it.field}
        data={FIELDS.map((value) => ({ value, label: t(`field.${value}`) }))}
        onChange={(event) => setField(event.currentTarget.value as Field)}
      />
      <NativeSelect
        size="xs"
        aria-label={t("operatorLabel")}
        value={it.operator}
        data={operatorsOf(it.field).map((value) => ({ value, label: t(`operator.${value}`) }))}
        onChange={(event) => onChange({ ...it, operator: event.currentTarget.value as Operator })}
      />
      <div className={classes.value}>
        {!takesNothing(it.operator) && (
          <Value condition={it} onChange={(value) => onChange({ ...it, value })} error={error} />
        )}
      </div>
      <ActionIcon variant="subtle" color="gray" aria-label={t("removeCondition")} onClick={onRemove}>
        <IconX size={16} aria-hidden />
      </ActionIcon>
    </div>
  );
}

interface ValueProps {
  condition: Condition;
  onChange: (value: string[]) => void;
  error: string | undefined;
}

function Value({ condition: it, onChange, error }: ValueProps) {
  const { t } = useTranslation("automations");
  const names = useNames();
  const { data: known } = useQuery(tags);
  const several = takesSeveral(it.operator);
  const exact = several || it.operator === "eq" || it.operator === "neq";
  const common = { size: "xs", "aria-label": t("valueLabel"), error } as const;
  const words = wordsOf(it.field);
  const people = it.field === "assignee" ? names.agents : it.field === "channel" ? names.channels : undefined;
  if (exact && (words || people)) {
    const data = words
      ? words.map((value) => ({ value, label: t(`word.${value as "open"}`) }))
      : (people ?? []).map((one) => ({ value: one.id, label: one.name }));
    return several ? (
      <MultiSelect {...common} data={data} value={it.value} onChange={onChange} searchable />
    ) : (
      <Select
        {...common}
        data={data}
        value={it.value[0] ?? null}
        onChange={(value) => onChange(value === null ? [] : [value])}
        allowDeselect={false}
        searchable={!words}
      />
    );
  }
  const isTag = it.field === "tag" || it.field === "changed_tag" || it.field === "contact_tag";
  if (several) {
    const data = isTag ? (known?.data.map((one) => one.name) ?? []) : [];
    return <TagsInput {...common} data={data} value={it.value} onChange={onChange} />;
  }
  return (
    <TextInput {...common} value={it.value[0] ?? ""} onChange={(event) => onChange([event.currentTarget.value])} />
  );
}
