/** One person: what is known of them, and everything that was said. */

import { ActionIcon, Avatar, Badge, Button, Center, Group, Loader, Menu, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowMerge, IconChevronLeft, IconDots, IconPencil, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Navigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";

import { ApiError, answer, api } from "../api/client";
import { contact, me } from "../api/queries";
import { compose } from "../compose/composing";
import { longTime, shortTime } from "../lib/times";
import { nameOf } from "../people/names";
import { Unsaved } from "../settings/parts/Unsaved";
import { useSave } from "../settings/parts/forms";
import { LinkAnchor } from "../shell/links";
import { ContactForm } from "./ContactForm";
import classes from "./ContactPage.module.css";
import { EraseDialog } from "./EraseDialog";
import { MergeDialog } from "./MergeDialog";
import { adoptContact, type Contact, type ContactPatch } from "./queries";
import { Timeline } from "./Timeline";

export function ContactPage() {
  const { t } = useTranslation("contacts");
  const { contactId } = useParams({ from: "/inside/contacts/$contactId" });
  const filter = useSearch({ from: "/inside/contacts" });
  const { data, error, refetch } = useQuery(contact(contactId));
  const gone = error instanceof ApiError && error.status === 404;
  // Read again in vain, what is here stays: somebody may be typing.
  if (error && (gone || !data)) {
    return (
      <Center p="xl">
        <Stack align="center">
          <Text role="alert">{gone ? t("gone") : t("error.contact")}</Text>
          {!gone && (
            <Button variant="default" onClick={() => void refetch()}>
              {t("error.again")}
            </Button>
          )}
          <LinkAnchor to="/contacts" search={filter}>
            {t("back")}
          </LinkAnchor>
        </Stack>
      </Center>
    );
  }
  if (!data) {
    return (
      <Center p="xl">
        <Loader aria-label={t("loading")} />
      </Center>
    );
  }
  // Merged into another one, its address leads there.
  if (data.id !== contactId) {
    return <Navigate to="/contacts/$contactId" params={{ contactId: data.id }} search={filter} replace />;
  }
  return <Person key={data.id} contact={data} />;
}

interface Asked {
  body: ContactPatch;
  adopt: (stored: Contact) => void;
}

function Person({ contact: it }: { contact: Contact }) {
  const { t } = useTranslation("contacts");
  const client = useQueryClient();
  const filter = useSearch({ from: "/inside/contacts" });
  const { data: agent } = useSuspenseQuery(me);
  const [changed, setChanged] = useState(false);
  const [asking, setAsking] = useState<"merge" | "erase">();
  const [other, setOther] = useState<string>();
  const params = { path: { id: it.id } };
  const save = useSave(
    ({ body }: Asked) => answer(api.PATCH("/api/contacts/{id}", { params, body })),
    (stored, { adopt }) => {
      adopt(stored);
      adoptContact(client, stored);
      notifications.show({ message: t("saved") });
    },
  );
  const name = nameOf(it, t("unknown"));
  const merge = (into?: string) => {
    setOther(into);
    setAsking("merge");
  };
  return (
    <article className={classes.person}>
      <Unsaved changed={changed} />
      <header className={classes.head}>
        <LinkAnchor to="/contacts" search={filter} size="sm" hiddenFrom="sm" className={classes.back}>
          <IconChevronLeft size={16} aria-hidden />
          {t("back")}
        </LinkAnchor>
        <Group wrap="nowrap" gap="sm">
          <Avatar size={48} name={name} color="initials" />
          <div className={classes.name}>
            <Group gap="xs">
              <Title order={1} size="h3" className="words">
                {name}
              </Title>
              {it.blocked && (
                <Badge color="red" variant="light" tt="none">
                  {t("blocked")}
                </Badge>
              )}
            </Group>
            <Text size="sm" c="dimmed" title={longTime(it.created_at)}>
              {t("since", { time: shortTime(it.created_at) })}
            </Text>
          </div>
          {it.email && (
            <Button
              className={classes.write}
              variant="default"
              leftSection={<IconPencil size={16} aria-hidden />}
              aria-label={t("write")}
              onClick={() => compose(it.email ?? undefined)}
            >
              <span className={classes.word}>{t("write")}</span>
            </Button>
          )}
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon size={36} ms={it.email ? 0 : "auto"} variant="default" aria-label={t("actions", { name })}>
                <IconDots size={18} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconArrowMerge size={16} aria-hidden />} onClick={() => merge()}>
                {t("merge.open")}
              </Menu.Item>
              {agent?.role === "admin" && (
                <Menu.Item
                  leftSection={<IconTrash size={16} aria-hidden />}
                  color="red"
                  onClick={() => setAsking("erase")}
                >
                  {t("erase.open")}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        </Group>
      </header>
      <section className={classes.timeline} aria-label={t("timeline.title")}>
        <Title order={2} size="h5" mb="xs">
          {t("timeline.title")}
        </Title>
        <Timeline contact={it.id} />
      </section>
      <section className={classes.details} aria-label={t("details")}>
        <Title order={2} size="h5" mb="xs">
          {t("details")}
        </Title>
        <ContactForm
          contact={it}
          saving={save}
          label={t("save")}
          onChanged={setChanged}
          onSubmit={(body, adopt) => save.mutate({ body, adopt })}
          duplicate={(existing) => (
            <Button size="xs" variant="default" onClick={() => merge(existing)}>
              {t("duplicate.merge")}
            </Button>
          )}
        />
      </section>
      {asking === "merge" && (
        <MergeDialog
          contact={it}
          with={other}
          onClose={() => setAsking(undefined)}
          // At once: what was typed here is no reason to stay.
          onMerged={() => flushSync(() => setChanged(false))}
        />
      )}
      {asking === "erase" && <EraseDialog contact={it} onClose={() => setAsking(undefined)} />}
    </article>
  );
}
