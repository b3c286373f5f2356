/** Words and operators to find conversations by, with a list of what can be asked. */

import { ActionIcon, Button, CloseButton, Group, Popover, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconHelp, IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { lazy, memo, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { asked, type Filter } from "../api/filters";
import { useCommand } from "../commands/registry";
import classes from "./SearchBox.module.css";

const SearchHelp = lazy(() => import("./SearchHelp"));

export const SearchBox = memo(function SearchBox({ filter }: { filter: Filter }) {
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
});

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
        <Suspense>
          {open && (
            <SearchHelp
              onChosen={(example) => {
                setOpen(false);
                onChosen(example);
              }}
            />
          )}
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
