/** What is known of a contact, changed where it stands. */

import { Anchor, Button, Group, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";

import { useChangeContact } from "../actions/contacts";
import { ApiError } from "../api/client";
import type { Contact } from "../api/queries";
import { LinkAnchor } from "../shell/links";
import { Address } from "./Address";
import { Part } from "./ContactPanel";
import classes from "./ContactPanel.module.css";
import { useKept } from "./kept";
import { TagChips } from "./TagChips";

/** What is changed here, until it is saved or given up. */
interface Edited {
  name: string;
  emails: string[];
  phones: string[];
  tags: string[];
}

export function ContactFields({ contact: it }: { contact: Contact }) {
  const { t } = useTranslation(["thread", "common"]);
  const [edited, setEdited] = useKept<Edited | undefined>(`${it.id}.edited`, undefined);
  const attributes = Object.entries(it.attributes as Record<string, unknown>);
  if (edited) return <Editing contact={it} edited={edited} onEdit={setEdited} />;
  return (
    <>
      <Part title={t("common:people.reach")}>
        {it.emails.map((address) => (
          <Text key={address} size="sm" className="words">
            <Address text={address} />
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
            onClick={() => setEdited({ name: it.name ?? "", emails: it.emails, phones: it.phones, tags: it.tags })}
          >
            {t("person.edit")}
          </Button>
          <LinkAnchor size="xs" to="/contacts/$contactId" params={{ contactId: it.id }} search={{}}>
            {t("person.page")}
          </LinkAnchor>
        </Group>
      </Part>
      {it.tags.length > 0 && (
        <Part title={t("person.tags")}>
          <Group gap={4}>
            <TagChips names={it.tags} />
          </Group>
        </Part>
      )}
      <Notes contact={it} />
      {attributes.length > 0 && (
        <Part title={t("person.attributes")}>
          <dl className={classes.attributes}>
            {attributes.map(([name, value]) => (
              <div key={name} style={{ display: "contents" }}>
                <dt>{t(`person.known.${name as "unverified_email"}`, name)}</dt>
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
  const [typed, setTyped] = useKept<string | undefined>(`${it.id}.notes`, undefined);
  const newest = useRef(typed);
  newest.current = typed;
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
        // Whoever went on typing meanwhile leaves them once more.
        const done = () => newest.current === typed && setTyped(undefined);
        change.mutate({ notes: typed.trim() || null }, { onSuccess: done });
      }}
    />
  );
}

interface EditingProps {
  contact: Contact;
  edited: Edited;
  onEdit: (edited: Edited | undefined) => void;
}

function Editing({ contact: it, edited, onEdit }: EditingProps) {
  const { t } = useTranslation("thread");
  const change = useChangeContact(it.id);
  const { name, emails, phones, tags } = edited;
  const put = (part: Partial<Edited>) => onEdit({ ...edited, ...part });
  const newest = useRef(edited);
  newest.current = edited;
  const onDone = () => onEdit(undefined);
  const wrong = (field: string): string | undefined => {
    const { error } = change;
    const found = error instanceof ApiError && error.body.details?.find((detail) => detail.field.startsWith(field));
    return found ? found.message : undefined;
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ name: name.trim() || null, emails, phones, tags }, { onSuccess: () => newest.current === edited && onDone() });
      }}
    >
      <Stack gap="xs">
        <TextInput
          size="xs"
          autoFocus
          label={t("person.name")}
          value={name}
          error={wrong("name")}
          onChange={(event) => put({ name: event.currentTarget.value })}
        />
        <TagsInput
          size="xs"
          label={t("person.emails")}
          value={emails}
          error={wrong("email")}
          acceptValueOnBlur
          onChange={(emails) => put({ emails })}
        />
        <TagsInput
          size="xs"
          label={t("person.phones")}
          value={phones}
          error={wrong("phone")}
          acceptValueOnBlur
          onChange={(phones) => put({ phones })}
        />
        <TagsInput size="xs" label={t("person.tags")} value={tags} error={wrong("tags")} acceptValueOnBlur onChange={(tags) => put({ tags })} />
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
