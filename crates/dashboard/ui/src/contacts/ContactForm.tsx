/** All that is known of a person, to write down and to correct. */

import { Alert, Button, Group, Stack, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "../api/client";
import { contact, tags } from "../api/queries";
import { nameOf } from "../people/names";
import { useEdited } from "../settings/parts/edited";
import { Form, type Saving } from "../settings/parts/forms";
import { LinkAnchor } from "../shell/links";
import { emptyPair, fromPairs, type Pair, toPairs } from "./pairs";
import { Pairs } from "./PairFields";
import type { Contact, ContactPatch } from "./queries";

const FIELDS = ["name", "emails", "phones", "tags", "notes", "attributes", "external_ids"];

interface Filled {
  name: string;
  emails: string[];
  phones: string[];
  tags: string[];
  notes: string;
  attributes: Pair[];
  external_ids: Pair[];
  blocked: boolean;
}

interface Props {
  /** Nobody yet, where one is written down for the first time. */
  contact?: Contact;
  saving: Saving;
  label: string;
  /** `adopt` is to be called with what the server made of it. */
  onSubmit: (body: ContactPatch, adopt: (stored: Contact) => void) => void;
  /** What to do about a contact that has one of the addresses already. */
  duplicate?: (existing: string) => ReactNode;
  /** Told when something was typed, and when it is as stored again. */
  onChanged?: (changed: boolean) => void;
}

export function ContactForm({ contact: it, saving, label, onSubmit, duplicate, onChanged }: Props) {
  const { t } = useTranslation("contacts");
  const { data: known } = useQuery(tags);
  const stored = useMemo(() => fill(it), [it]);
  const before = it?.attributes as Record<string, unknown> | undefined;
  const { form: filled, put: set, changed, adopt } = useEdited(stored, (values) => body(values, before));
  useEffect(() => onChanged?.(changed), [changed, onChanged]);
  const existing = saving.error instanceof ApiError ? saving.error.body.existing_id : undefined;
  return (
    <Form saving={existing ? { ...saving, error: null } : saving} fields={FIELDS} onSubmit={() => onSubmit(body(filled, before), (now) => adopt(fill(now), filled))}>
      <Stack gap="sm">
        {existing && <Duplicate id={existing}>{duplicate?.(existing)}</Duplicate>}
        <TextInput
          label={t("field.name")}
          value={filled.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          error={saving.field("name")}
        />
        <TagsInput
          label={t("field.emails")}
          description={t("field.several")}
          value={filled.emails}
          onChange={(emails) => set({ emails })}
          error={saving.field("emails")}
          inputMode="email"
        />
        <TagsInput
          label={t("field.phones")}
          value={filled.phones}
          classNames={{ pill: "number" }}
          onChange={(phones) => set({ phones })}
          error={saving.field("phones")}
          inputMode="tel"
        />
        <TagsInput
          label={t("field.tags")}
          value={filled.tags}
          data={known?.data.map((tag) => tag.name) ?? []}
          onChange={(tags) => set({ tags })}
          error={saving.field("tags")}
        />
        <Textarea
          label={t("field.notes")}
          value={filled.notes}
          onChange={(event) => set({ notes: event.currentTarget.value })}
          error={saving.field("notes")}
          autosize
          minRows={2}
          maxRows={12}
        />
        <Pairs
          title={t("field.attributes")}
          pairs={filled.attributes}
          onChange={(attributes) => set({ attributes })}
          onAdd={() => set({ attributes: [...filled.attributes, emptyPair()] })}
          error={saving.field("attributes")}
        />
        <Pairs
          title={t("field.externalIds")}
          pairs={filled.external_ids}
          onChange={(external_ids) => set({ external_ids })}
          onAdd={() => set({ external_ids: [...filled.external_ids, emptyPair()] })}
          error={saving.field("external_ids")}
        />
        <Switch
          label={t("field.blocked")}
          description={t("field.blockedHint")}
          checked={filled.blocked}
          onChange={(event) => set({ blocked: event.currentTarget.checked })}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={saving.isPending}>
            {label}
          </Button>
        </Group>
      </Stack>
    </Form>
  );
}

function Duplicate({ id, children }: { id: string; children: ReactNode }) {
  const { t } = useTranslation("contacts");
  const { data } = useQuery(contact(id));
  return (
    <Alert variant="default" role="alert" title={t("duplicate.title")}>
      <Stack gap="xs" align="flex-start">
        <LinkAnchor to="/contacts/$contactId" params={{ contactId: id }} search={true} size="sm">
          {nameOf(data, t("duplicate.them"))}
        </LinkAnchor>
        {children}
      </Stack>
    </Alert>
  );
}

function fill(it: Contact | undefined): Filled {
  return {
    name: it?.name ?? "",
    emails: it?.emails ?? [],
    phones: it?.phones ?? [],
    tags: it?.tags ?? [],
    notes: it?.notes ?? "",
    attributes: toPairs((it?.attributes as Record<string, unknown> | undefined) ?? {}),
    external_ids: toPairs(it?.external_ids ?? {}),
    blocked: it?.blocked ?? false,
  };
}

function body(filled: Filled, before: Record<string, unknown> = {}): ContactPatch {
  return {
    ...filled,
    name: filled.name.trim() || null,
    notes: filled.notes.trim() ? filled.notes : null,
    attributes: fromPairs(filled.attributes, before) as NonNullable<ContactPatch["attributes"]>,
    external_ids: fromPairs(filled.external_ids, {}) as Record<string, string>,
  };
}
