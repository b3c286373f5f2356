/** Nothing is here; what one can do about it. */

import { Button, Center, Stack, Text } from "@mantine/core";
import { IconMoodSmile, IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { StepsLeft } from "../access/StepsLeft";
import { asked, type Filter } from "../api/filters";

export function Empty({ filter }: { filter: Filter }) {
  const { t } = useTranslation("inbox");
  const navigate = useNavigate();
  const wanted = asked(filter);
  const { search, ...others } = wanted;
  const go = (to: Filter) => () => void navigate({ to: "/inbox", search: to });
  const beginning = filter.search && beginningOf(filter.search);
  const kind = search ? "search" : wanted["status"] === "snoozed" ? "snoozed" : wanted["assigned_to"] === "me" ? "mine" : "plain";
  return (
    <Center p="xl">
      <Stack align="center" gap="xs" maw={280}>
        {search ? <IconSearch size={32} stroke={1.5} aria-hidden /> : <IconMoodSmile size={32} stroke={1.5} aria-hidden />}
        <Text fw={600} ta="center">
          {t(`empty.${kind}.title`)}
        </Text>
        <Text size="sm" c="dimmed" ta="center">
          {t(`empty.${kind}.text`)}
        </Text>
        {beginning && (
          <Button size="compact-md" variant="default" onClick={go({ ...filter, search: beginning })}>
            {t("empty.search.beginning", { text: beginning })}
          </Button>
        )}
        {filter.search && Object.keys(others).length > 0 && (
          <Button size="compact-md" variant="default" onClick={go({ search: filter.search })}>
            {t("search.everywhere")}
          </Button>
        )}
        {!filter.search && Object.keys(wanted).length > 1 && (
          <Button size="compact-md" variant="default" onClick={go({ status: "open" })}>
            {t("filter.clear")}
          </Button>
        )}
        {/* Before anything can arrive, an empty inbox is no reason to be calm. */}
        {kind === "plain" && <StepsLeft />}
      </Stack>
    </Center>
  );
}

/** The same search with its last word as the beginning of one, if that is a word. */
function beginningOf(search: string): string | undefined {
  const text = search.trim();
  return /(^|\s)[\p{L}\p{N}]{2,}$/u.test(text) ? `${text}*` : undefined;
}
