/** A chart, and the same as a table: for screen readers always, for everybody by a press. */

import { Button, Card, Group, ScrollArea, Table, Title, VisuallyHidden } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import classes from "./AnalyticsPage.module.css";
import { day } from "./numbers";

interface Props {
  title: string;
  dates: string[];
  rows: Record<string, string | number | null>[];
  series: readonly { name: string; label: string }[];
  show: (value: number) => string;
  children: ReactNode;
}

export function Chart({ title, dates, rows, series, show, children }: Props) {
  const { t } = useTranslation("analytics");
  const [asTable, setAsTable] = useState(false);
  const cell = (value: string | number | null | undefined) => (typeof value === "number" ? show(value) : "–");
  const table = (
    <Table fz="xs" captionSide="top">
      <Table.Caption>
        <VisuallyHidden>{title}</VisuallyHidden>
      </Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{t("day")}</Table.Th>
          {series.map((it) => (
            <Table.Th key={it.name} scope="col" className={classes.number}>
              {it.label}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row, at) => (
          <Table.Tr key={dates[at]}>
            <Table.Th scope="row">{day(dates[at] ?? "", asTable)}</Table.Th>
            {series.map((it) => (
              <Table.Td key={it.name} className={classes.number}>
                {cell(row[it.name])}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
  return (
    <Card component="section" withBorder p="md" aria-label={title}>
      <Group justify="space-between" mb="sm" wrap="nowrap">
        <Title order={2} size="h5">
          {title}
        </Title>
        <Button size="compact-xs" variant="subtle" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {t("asTable")}
        </Button>
      </Group>
      {asTable ? (
        <ScrollArea h={240} viewportProps={{ tabIndex: 0, role: "region", "aria-label": title }}>
          {table}
        </ScrollArea>
      ) : (
        <>
          <div aria-hidden>{children}</div>
          <VisuallyHidden>{table}</VisuallyHidden>
        </>
      )}
    </Card>
  );
}
