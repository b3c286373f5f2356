/** Words and operators to find conversations by, with a list of what can be asked. */

import { ActionIcon, Button, CloseButton, Group, Popover, Table, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconHelp, IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { asked, type Filter } from "../api/filters";
import { useCommand } from "../commands/registry";
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

export function SearchBox({ filter }: { filter: Filter }) {
  const { t } = useTranslation("inbox");
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(filter.search ?? "");
  const sent = useRef(filter.search ?? "");
  const ask = useDebouncedCallback((wanted: string) => {
    sent.current = wanted;
    void navigate({ to: ".", search: { ...filter, search: wanted || undefined }, replace: true });
  }, 250);
  // Another view has other words; what is being typed stays.
  useEffect(() => {
    if ((filter.search ?? "") === sent.current) return;
    sent.current = filter.search ?? "";
    setText(sent.current);
  }, [filter.search]);
  useCommand("search", () => {
    input.current?.focus();
    input.current?.select();
  });
  const change = (wanted: string) => {
    setText(wanted);
    ask(wanted);
  };
  const { search: _, ...others } = asked(filter);
  const narrowed = filter.search && Object.keys(others).length > 0;
  return (
    <div className={classes.box}>
      <TextInput
        ref={input}
        type="search"
        size="sm"
        aria-label={t("search.label")}
        placeholder={t("search.label")}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSectionWidth={text ? 60 : 34}
        rightSection={
          <Group gap={2} wrap="nowrap">
            {text && <CloseButton size="sm" aria-label={t("search.clear")} onClick={() => change("")} />}
            <Operators
              onChosen={(example) => {
                change(`${text.trim()} ${example}`.trim());
                input.current?.focus();
              }}
            />
          </Group>
        }
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") input.current?.blur();
          if (event.key === "Enter") ask.flush();
        }}
      />
      {narrowed && (
        <Button
          mt={4}
          size="compact-xs"
          variant="subtle"
          onClick={() => void navigate({ to: ".", search: { search: filter.search } })}
        >
          {t("search.everywhere")}
        </Button>
      )}
    </div>
  );
}

function Operators({ onChosen }: { onChosen: (example: string) => void }) {
  const { t } = useTranslation("inbox");
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={340} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("search.help")} onClick={() => setOpen(!open)}>
          <IconHelp size={16} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p="xs">
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
                    onClick={() => {
                      setOpen(false);
                      onChosen(example);
                    }}
                  >
                    {example}
                  </UnstyledButton>
                </Table.Td>
                <Table.Td>{t(`search.operators.${name}`)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Popover.Dropdown>
    </Popover>
  );
}
