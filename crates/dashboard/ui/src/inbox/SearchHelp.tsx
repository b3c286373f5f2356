/** What can be searched for, with an example of each to take over. */

import { Table, Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";

import classes from "./SearchBox.module.css";

/** What the server understands; what stands in a name is the key of its explanation. */
const OPERATORS = [
  ["words", 'lamp "late delivery" refun*'],
  ["from", "from:ada@shop.example"],
  ["to", "to:support@shop.example"],
  ["tag", "tag:billing"],
  ["status", "status:pending"],
  ["channel", "channel:whatsapp"],
  ["assignee", "assignee:me"],
  ["dates", "after:2026-01-31 before:today"],
  ["has", "has:attachment"],
  ["is", "is:unread"],
  ["number", "#1042"],
  ["minus", "-tag:billing"],
] as const;

export default function SearchHelp({ onChosen }: { onChosen: (example: string) => void }) {
  const { t } = useTranslation("inbox");
  return (
    <>
      <Text size="sm" fw={600} mb={4}>
        {t("search.help")}
      </Text>
      <Table withRowBorders={false} verticalSpacing={2} fz="xs">
        <Table.Tbody>
          {OPERATORS.map(([name, example]) => (
            <Table.Tr key={name}>
              <Table.Td>
                <UnstyledButton
                  className={classes.example}
                  onClick={() => onChosen(example)}
                >
                  {example}
                </UnstyledButton>
              </Table.Td>
              <Table.Td>{t(`search.operators.${name}`)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
