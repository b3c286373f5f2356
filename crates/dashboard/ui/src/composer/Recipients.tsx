/** Who a mail goes to: the contact, and who gets a copy. */

import { Button, Group, TagsInput, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Conversation } from "../api/queries";
import { addressOf, isAddress } from "./content";
import classes from "./Recipients.module.css";

interface Props {
  conversation: Conversation;
  cc: string[];
  bcc: string[];
  onChange: (changed: { cc: string[] } | { bcc: string[] }) => void;
}

export function Recipients({ conversation: { contact }, cc, bcc, onChange }: Props) {
  const { t } = useTranslation("thread");
  const [asked, setAsked] = useState({ cc: false, bcc: false });
  const withCc = asked.cc || cc.length > 0;
  const withBcc = asked.bcc || bcc.length > 0;
  return (
    <div className={classes.recipients}>
      <Group gap={6} wrap="nowrap" mih={28}>
        <Text size="xs" c="dimmed" className={classes.name}>
          {t("composer.to")}
        </Text>
        <Text size="xs" truncate flex={1}>
          <bdi>{contact.name ?? contact.email}</bdi>
          {contact.name && contact.email && <bdi>{` <${contact.email}>`}</bdi>}
        </Text>
        {!withCc && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setAsked({ ...asked, cc: true })}>
            {t("composer.cc")}
          </Button>
        )}
        {!withBcc && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setAsked({ ...asked, bcc: true })}>
            {t("composer.bcc")}
          </Button>
        )}
      </Group>
      {withCc && <Copies label={t("composer.cc")} value={cc} asked={asked.cc} onChange={(all) => onChange({ cc: all })} />}
      {withBcc && (
        <Copies label={t("composer.bcc")} value={bcc} asked={asked.bcc} onChange={(all) => onChange({ bcc: all })} />
      )}
    </div>
  );
}

interface CopiesProps {
  label: string;
  value: string[];
  asked: boolean;
  onChange: (all: string[]) => void;
}

function Copies({ label, value, asked, onChange }: CopiesProps) {
  const { t } = useTranslation("thread");
  const wrong = value.find((it) => !isAddress(it));
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <Text size="xs" c="dimmed" className={classes.name} mt={6} aria-hidden>
        {label}
      </Text>
      <TagsInput
        flex={1}
        size="xs"
        variant="unstyled"
        aria-label={label}
        autoFocus={asked && value.length === 0}
        value={value}
        splitChars={[",", ";"]}
        acceptValueOnBlur
        error={wrong && t("composer.noAddress", { text: wrong })}
        onChange={(all) => onChange(all.map(addressOf).filter((it, index, them) => it && them.indexOf(it) === index))}
      />
    </Group>
  );
}
