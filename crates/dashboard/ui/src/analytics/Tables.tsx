/** The same figures by channel, agent and tag. */

import { Card, Table, Tabs, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Clock } from "./AnalyticsPage";
import classes from "./AnalyticsPage.module.css";
import { average, count, took } from "./numbers";
import type { Analytics, Figures } from "./queries";
import { medianOf, p90Of } from "./Totals";

type Named = Figures & { key: string; name: string };

export function Tables({ report, clock }: { report: Analytics; clock: Clock }) {
  const { t } = useTranslation("analytics");
  const parts: { value: string; title: string; rows: Named[] }[] = [
    {
      value: "channels",
      title: t("by.channel"),
      rows: report.by_channel.map((it) => ({ ...it, key: it.channel_id, name: it.name ?? t("deleted") })),
    },
    {
      value: "agents",
      title: t("by.agent"),
      rows: report.by_agent.map((it) => ({ ...it, key: it.agent_id ?? "", name: it.name ?? t("nobody") })),
    },
    { value: "tags", title: t("by.tag"), rows: report.by_tag.map((it) => ({ ...it, key: it.tag, name: it.tag })) },
  ];
  return (
    <Card withBorder p="md">
      <Tabs defaultValue="channels">
        <Tabs.List>
          {parts.map((it) => (
            <Tabs.Tab key={it.value} value={it.value}>
              {it.title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {parts.map((it) => (
          <Tabs.Panel key={it.value} value={it.value} pt="sm">
            <div className={classes.table} tabIndex={0} role="region" aria-label={it.title}>
              <One title={it.title} rows={it.rows} clock={clock} />
            </div>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Card>
  );
}

/** "4.5 (12)" */
const rated = (it: Figures["ratings"]) => (it.count > 0 ? `${average(it.average)} (${count(it.count)})` : "–");

function One({ title, rows, clock }: { title: string; rows: Named[]; clock: Clock }) {
  const { t } = useTranslation("analytics");
  if (rows.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t("none")}
      </Text>
    );
  }
  const columns: [string, (it: Figures) => string][] = [
    [t("figure.opened"), (it) => count(it.opened)],
    [t("figure.resolved"), (it) => count(it.resolved)],
    [t("figure.reopened"), (it) => count(it.reopened)],
    [t("figure.messages_in"), (it) => count(it.messages_in)],
    [t("figure.messages_out"), (it) => count(it.messages_out)],
    [t("figure.first_response"), (it) => took(medianOf(it.first_response, clock))],
    [t("figure.first_p90"), (it) => took(p90Of(it.first_response, clock))],
    [t("figure.resolution"), (it) => took(medianOf(it.resolution, clock))],
  ];
  if (rows.some((it) => it.ratings.count > 0)) {
    columns.push([t("figure.rating"), (it) => rated(it.ratings)]);
  }
  return (
    <Table fz="sm" aria-label={title} miw={760}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{t("name")}</Table.Th>
          {columns.map(([name]) => (
            <Table.Th key={name} scope="col" className={classes.number}>
              {name}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.key}>
            <Table.Th scope="row">{row.name}</Table.Th>
            {columns.map(([name, show]) => (
              <Table.Td key={name} className={classes.number}>
                {show(row)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
