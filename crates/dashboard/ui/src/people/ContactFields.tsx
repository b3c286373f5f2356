/** What is known of a contact, changed where it stands. */

import { Anchor, Button, Group, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useChangeContact } from "../actions/contacts";
import { ApiError } from "../api/client";
import type { Contact } from "../api/queries";
import { Part } from "./ContactPanel";
import classes from "./ContactPanel.module.css";

export function ContactFields({ contact: it }: { contact: Contact }) {
  const { t } = useTranslation(["thread", "common"]);
  const [editing, setEditing] = useState(false);
  const attributes = Object.entries(it.attributes as Record<string, unknown>);
  if (editing) return <Editing contact={it} onDone={() => setEditing(false)} />;
  return (
    <>
      <Part title={t("common:people.reach")}>
        {it.emails.map((address) => (
          <Text key={address} size="sm" className="words">
            {address}
          </Text>
        ))}
        {it.phones.map((phone) => (
          <Anchor key={phone} size="sm" href={`tel:${phone}`} className="number">
            {phone}
          </Anchor>
        ))}
        <Group gap="xs" mt={4}>
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconPencil size={13} />}
            onClick={() => setEditing(true)}
          >
            {t("person.edit")}
          </Button>
          <Anchor size="xs" href={`/contacts/${it.id}`}>
            {t("person.page")}
          </Anchor>
        </Group>
      </Part>
      {it.tags.length > 0 && (
        <Part title={t("person.tags")}>
          <Text size="sm">{it.tags.join(", ")}</Text>
        </Part>
      )}
      <Notes contact={it} />
      {attributes.length > 0 && (
        <Part title={t("person.attributes")}>
          <dl className={classes.attributes}>
            {attributes.map(([name, value]) => (
              <div key={name} style={{ display: "contents" }}>
                <dt>{name}</dt>
                <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
              </div>
            ))}
          </dl>
        </Part>
      )}
    </>
  );
}

/** Saved when one leaves them. */
function Notes({ contact: it }: { contact: Contact }) {
  const { t } = useTranslation("thread");
  const change = useChangeContact(it.id);
  const [typed, setTyped] = useState<string>();
  return (
    <Textarea
      size="xs"
      autosize
      minRows={2}
      maxRows={8}
      label={t("person.notes")}
      placeholder={t("person.notesHint")}
      value={typed ?? it.notes ?? ""}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => {
        if (typed === undefined || typed === (it.notes ?? "")) return;
        change.mutate({ notes: typed.trim() || null }, { onSuccess: () => setTyped(undefined) });
      }}
    />
  );
}

function Editing({ contact: it, onDone }: { contact: Contact; onDone: () => void }) {
  const { t } = useTranslation("thread");
  const change = useChangeContact(it.id);
  const [name, setName] = useState(it.name ?? "");
  const [emails, setEmails] = useState(it.emails);
  const [phones, setPhones] = useState(it.phones);
  const [tags, setTags] = useState(it.tags);
  const wrong = (field: string): string | undefined => {
    const { error } = change;
    const found = error instanceof ApiError && error.body.details?.find((detail) => detail.field.startsWith(field));
    return found ? found.message : undefined;
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ name: name.trim() || null, emails, phones, tags }, { onSuccess: onDone });
      }}
    >
      <Stack gap="xs">
        <TextInput
          size="xs"
          autoFocus
          label={t("person.name")}
          value={name}
          error={wrong("name")}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TagsInput
          size="xs"
          label={t("person.emails")}
          value={emails}
          error={wrong("email")}
          acceptValueOnBlur
          onChange={setEmails}
        />
        <TagsInput
          size="xs"
          label={t("person.phones")}
          value={phones}
          error={wrong("phone")}
          acceptValueOnBlur
          onChange={setPhones}
        />
        <TagsInput size="xs" label={t("person.tags")} value={tags} error={wrong("tags")} acceptValueOnBlur onChange={setTags} />
        <Group gap="xs" justify="flex-end">
          <Button size="compact-sm" variant="default" onClick={onDone}>
            {t("cancel")}
          </Button>
          <Button size="compact-sm" type="submit" loading={change.isPending}>
            {t("person.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
