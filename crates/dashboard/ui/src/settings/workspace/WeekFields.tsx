/** The open hours of each day. */

import { ActionIcon, Button, Group, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import classes from "./Hours.module.css";
import { type Day, dayName, DAYS, nextSpan, type Span, type WeekForm } from "./hours";

interface WeekProps {
  week: WeekForm;
  onChange: (week: WeekForm) => void;
  error: (field: string) => string | undefined;
}

export function WeekFields({ week, onChange, error }: WeekProps) {
  const { t } = useTranslation("workspace");
  const first = week.monday;
  const copied = DAYS.slice(1, 5).every((day) => JSON.stringify(week[day]) === JSON.stringify(first));
  return (
    <div>
      <Stack gap={0} className={classes.week}>
        {DAYS.map((day) => (
          <DayRow
            key={day}
            day={day}
            spans={week[day]}
            onChange={(spans) => onChange({ ...week, [day]: spans })}
            error={error}
          />
        ))}
      </Stack>
      {!copied && (
        <Button
          variant="subtle"
          size="compact-sm"
          mt="xs"
          onClick={() => {
            const same = (): Span[] => first.map((it) => ({ ...it }));
            onChange({ ...week, tuesday: same(), wednesday: same(), thursday: same(), friday: same() });
          }}
        >
          {t("hours.copy")}
        </Button>
      )}
    </div>
  );
}

interface DayProps {
  day: Day;
  spans: Span[];
  onChange: (spans: Span[]) => void;
  error: (field: string) => string | undefined;
}

function DayRow({ day, spans, onChange, error }: DayProps) {
  const { t, i18n } = useTranslation("workspace");
  const name = dayName(day, i18n.language);
  const field = `business_hours.${day}`;
  const wrong = error(field);
  const put = (at: number, part: Partial<Span>) =>
    onChange(spans.map((it, index) => (index === at ? { ...it, ...part } : it)));
  return (
    <div className={classes.day}>
      <Switch
        className={classes.name}
        label={name}
        checked={spans.length > 0}
        onChange={(event) => onChange(event.currentTarget.checked ? [nextSpan([])] : [])}
      />
      <Stack gap={6} className={classes.spans}>
        {spans.length === 0 && (
          <Text size="sm" c="dimmed" lh="36px">
            {t("hours.closed")}
          </Text>
        )}
        {spans.map((it, at) => (
          <Group key={at} gap="xs" wrap="nowrap">
            <TextInput
              type="time"
              className={classes.time}
              aria-label={t("hours.from", { day: name })}
              value={it.from}
              onChange={(event) => put(at, { from: event.currentTarget.value })}
              error={Boolean(error(`${field}[${at}].from`))}
              required
            />
            <span aria-hidden>–</span>
            <TextInput
              type="time"
              className={classes.time}
              aria-label={t("hours.to", { day: name })}
              value={it.to}
              onChange={(event) => put(at, { to: event.currentTarget.value })}
              error={Boolean(error(`${field}[${at}].to`))}
              required
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("hours.remove", { day: name })}
              onClick={() => onChange(spans.filter((_, index) => index !== at))}
            >
              <IconTrash size={16} />
            </ActionIcon>
            {at === spans.length - 1 && spans.length < 8 && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t("hours.add", { day: name })}
                onClick={() => onChange([...spans, nextSpan(spans)])}
              >
                <IconPlus size={16} />
              </ActionIcon>
            )}
          </Group>
        ))}
        {wrong && (
          <Text size="xs" c="red" role="alert">
            {wrong}
          </Text>
        )}
      </Stack>
    </div>
  );
}
