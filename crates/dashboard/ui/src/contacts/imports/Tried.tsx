/** After a try: what the columns were taken for, to be corrected, and the go-ahead. */

import { Button, Group, NativeSelect, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../../settings/parts/forms";
import classes from "./ImportPage.module.css";
import { again, anImport, type Import, slug } from "./imports";

const FIELDS = ["name", "first_name", "last_name", "emails", "phones", "tags", "notes", "blocked", "external_ids", "attributes"] as const;

export function Tried({ it, onStarted }: { it: Import; onStarted: (next: Import) => void }) {
  const { t } = useTranslation("imports");
  const client = useQueryClient();
  const [columns, setColumns] = useState(() => Object.fromEntries(it.columns.map((one) => [one.name, one.field])));
  const changed = it.columns.some((one) => columns[one.name] !== one.field);
  const start = useMutation({
    mutationFn: (dry_run: boolean) => again(it.id, { dry_run, columns }),
    onSuccess: (next) => {
      client.setQueryData(anImport(next.id).queryKey, next);
      void client.invalidateQueries({ queryKey: ["imports"] });
      onStarted(next);
    },
  });
  const wanted = it.created + it.updated;
  return (
    <Stack gap="md">
      <Problem error={start.error} />
      <section>
        <Title order={2} size="h5">
          {t("columns")}
        </Title>
        <Text size="sm" c="dimmed" mb="xs">
          {t("columnsAbout")}
        </Text>
        <div className={classes.table} tabIndex={0} role="region" aria-label={t("columns")}>
          <Table fz="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{t("column")}</Table.Th>
                <Table.Th scope="col">{t("becomes")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {it.columns.map((one) => (
                <Table.Tr key={one.name}>
                  <Table.Th scope="row" className="words">
                    {one.name}
                  </Table.Th>
                  <Table.Td>
                    <Field
                      column={one.name}
                      field={columns[one.name] ?? null}
                      onChange={(field) => setColumns((now) => ({ ...now, [one.name]: field }))}
                    />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      </section>
      <Group>
        {changed ? (
          <Button loading={start.isPending} onClick={() => start.mutate(true)}>
            {t("tryAgain")}
          </Button>
        ) : (
          <Button loading={start.isPending} disabled={wanted === 0} onClick={() => start.mutate(false)}>
            {t("start", { count: wanted })}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

interface FieldProps {
  column: string;
  field: string | null;
  onChange: (field: string | null) => void;
}

function Field({ column, field, onChange }: FieldProps) {
  const { t } = useTranslation("imports");
  const own = slug(column);
  const data = [
    { value: "", label: t("field.none") },
    ...FIELDS.map((value) => ({ value: value as string, label: t(`field.${value}`) })),
    ...(own
      ? [
          { value: `attributes.${own}`, label: t("field.attribute", { name: own }) },
          { value: `external_ids.${own}`, label: t("field.externalId", { name: own }) },
        ]
      : []),
  ];
  if (field !== null && !data.some((one) => one.value === field)) data.push({ value: field, label: field });
  return (
    <NativeSelect
      size="xs"
      aria-label={t("fieldOf", { name: column })}
      data={data}
      value={field ?? ""}
      onChange={(event) => onChange(event.currentTarget.value || null)}
    />
  );
}
