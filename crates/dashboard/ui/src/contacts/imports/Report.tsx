/** What became of the rows. */

import { Button, Group, SegmentedControl, Stack, Table, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../../api/changes";
import { number } from "../../i18n";
import { download } from "../../lib/downloads";
import { Problem } from "../../settings/parts/forms";
import { LinkAnchor } from "../../shell/links";
import classes from "./ImportPage.module.css";
import { type Import, rows } from "./imports";

const RESULTS = ["created", "updated", "skipped", "failed"] as const;

export function Report({ it }: { it: Import }) {
  const { t } = useTranslation("imports");
  const client = useQueryClient();
  const [result, setResult] = useState<string>(it.failed > 0 ? "failed" : "");
  const { data, error, refetch } = useQuery(rows(it.id, result));
  const take = useMutation({
    mutationFn: () => download(`/api/contacts/imports/${it.id}/rows`, "import-report.csv"),
    onError: complain,
  });
  // Whoever came in shows in the list.
  useEffect(() => {
    if (!it.dry_run) void client.invalidateQueries({ queryKey: ["contacts"] });
  }, [client, it.dry_run, it.status]);
  return (
    <section>
      <Title order={2} size="h5" mb={4}>
        {it.dry_run ? t("wouldBe") : t("was")}
      </Title>
      <Group gap="lg" mb="xs">
        {RESULTS.map((name) => (
          <Text key={name} size="sm">
            {t(`result.${name}`)}: <strong>{number(it[name])}</strong>
          </Text>
        ))}
      </Group>
      <Group gap="xs" mb="xs">
        <SegmentedControl
          size="xs"
          aria-label={t("which")}
          className={classes.results}
          value={result}
          onChange={setResult}
          data={[{ value: "", label: t("result.all") }, ...RESULTS.map((value) => ({ value, label: t(`result.${value}`) }))]}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} aria-hidden />}
          loading={take.isPending}
          onClick={() => take.mutate()}
        >
          {t("download")}
        </Button>
      </Group>
      <Stack gap={4}>
        {!data && <Problem error={error} onAgain={() => void refetch()} />}
        {data?.data.length === 0 && (
          <Text size="sm" c="dimmed">
            {t("noRows")}
          </Text>
        )}
        {data && data.data.length > 0 && (
          <div className={classes.table} tabIndex={0} role="region" aria-label={t("which")}>
            <Table fz="sm">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{t("line")}</Table.Th>
                  <Table.Th scope="col">{t("outcome")}</Table.Th>
                  <Table.Th scope="col">{t("reason")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.data.map((row) => (
                  <Table.Tr key={row.line}>
                    <Table.Td>{row.line}</Table.Td>
                    <Table.Td>
                      {row.contact_id ? (
                        <LinkAnchor to="/contacts/$contactId" params={{ contactId: row.contact_id }} search={{}} size="sm">
                          {t(`result.${row.result}`)}
                        </LinkAnchor>
                      ) : (
                        t(`result.${row.result}`)
                      )}
                    </Table.Td>
                    <Table.Td className="words">{row.reason}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
        {data?.pagination.has_more && (
          <Text size="sm" c="dimmed">
            {t("moreRows")}
          </Text>
        )}
      </Stack>
    </section>
  );
}
