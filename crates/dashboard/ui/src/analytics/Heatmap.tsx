/** When customers write: a row a day, a column an hour. */

import { Card, Group, Text, Title, VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";

import classes from "./AnalyticsPage.module.css";
import { clock, weekday } from "./numbers";
import type { Analytics } from "./queries";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function Heatmap({ hours }: { hours: Analytics["busiest_hours"] }) {
  const { t } = useTranslation("analytics");
  const most = Math.max(1, ...hours.map((it) => it.messages_in));
  const at = new Map(hours.map((it) => [`${it.weekday} ${it.hour}`, it]));
  const busiest = hours[0];
  return (
    <Card component="section" withBorder p="md" aria-label={t("chart.hours")}>
      <Title order={2} size="h5">
        {t("chart.hours")}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {busiest
          ? t("busiest", {
              day: weekday(DAYS.indexOf(busiest.weekday)),
              hour: clock(busiest.hour),
              count: busiest.messages_in,
            })
          : t("quiet")}
      </Text>
      <div className={classes.table} tabIndex={0} role="region" aria-label={t("chart.hours")}>
        <table className={classes.heat}>
          <thead>
            <tr>
              <td aria-hidden />
              {HOURS.map((hour) => (
                <th key={hour} scope="col">
                  {hour % 3 === 0 ? clock(hour) : <VisuallyHidden>{clock(hour)}</VisuallyHidden>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {DAYS.map((day, index) => (
              <tr key={day}>
                <th scope="row">{weekday(index)}</th>
                {HOURS.map((hour) => {
                  const it = at.get(`${day} ${hour}`);
                  const told = t("hour", { in: it?.messages_in ?? 0, out: it?.messages_out ?? 0 });
                  return (
                    <td key={hour} data-heat={it ? Math.ceil((4 * it.messages_in) / most) : 0} title={told}>
                      <VisuallyHidden>{told}</VisuallyHidden>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Group mt="xs">
        <Text size="xs" c="dimmed">
          {t("heatLegend", { count: most })}
        </Text>
      </Group>
    </Card>
  );
}
