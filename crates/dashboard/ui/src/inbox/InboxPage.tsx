/** Views, list and thread side by side; one at a time where there is no room. */

import { Drawer } from "@mantine/core";
import { Outlet, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { useViewsDrawer } from "../shell/Shell";
import { ConversationList } from "./ConversationList";
import classes from "./InboxPage.module.css";
import { Views } from "./Views";

export function InboxPage() {
  const { t } = useTranslation();
  const filter = useSearch({ from: "/inside/inbox" });
  const { conversationId } = useParams({ strict: false });
  const drawer = useViewsDrawer();
  return (
    <div className={classes.inbox} data-reading={conversationId ? "" : undefined}>
      <nav className={classes.views} aria-label={t("inbox.views")}>
        <Views filter={filter} />
      </nav>
      <Drawer opened={drawer.open} onClose={drawer.close} title={t("inbox.views")} size={280}>
        <Views filter={filter} onChosen={drawer.close} />
      </Drawer>
      <section className={classes.list} aria-label={t("inbox.conversations")}>
        <ConversationList filter={filter} selected={conversationId} />
      </section>
      <main className={classes.thread}>{conversationId ? <Outlet /> : <Nothing />}</main>
    </div>
  );
}

function Nothing() {
  const { t } = useTranslation();
  return <div className={classes.nothing}>{t("inbox.choose")}</div>;
}
