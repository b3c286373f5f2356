/** Everybody who ever wrote: the list left, the chosen one right; one at a time where there is no room. */

import { Title } from "@mantine/core";
import { Outlet, useMatchRoute, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { ContactList } from "./ContactList";
import classes from "./ContactsPage.module.css";
import { Tools } from "./Tools";

export function ContactsPage() {
  const { t } = useTranslation("contacts");
  const filter = useSearch({ from: "/inside/contacts" });
  const { contactId } = useParams({ strict: false });
  const importing = useMatchRoute()({ to: "/contacts/import" });
  const reading = contactId !== undefined || importing !== false;
  return (
    <div className={classes.contacts} data-reading={reading ? "" : undefined}>
      <section className={classes.list} aria-label={t("title")}>
        <Title order={reading ? 2 : 1} size="h4" className={classes.title}>
          {t("title")}
        </Title>
        <Tools filter={filter} />
        <ContactList key={JSON.stringify(filter)} filter={filter} selected={contactId} />
      </section>
      <main className={classes.page}>
        <Outlet />
      </main>
    </div>
  );
}

/** Nobody is chosen yet. */
export function NobodyPage() {
  const { t } = useTranslation("contacts");
  return <p className={classes.nobody}>{t("choose")}</p>;
}
