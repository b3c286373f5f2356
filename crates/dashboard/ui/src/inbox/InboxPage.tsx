/** Views, list and thread side by side; one at a time where there is no room. */

import { Drawer } from "@mantine/core";
import { Outlet, useParams, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect } from "react";
import { useTranslation } from "react-i18next";

import { asked } from "../api/filters";
import { answers, sayTyping, useLooking } from "../live/presence";
import { useViewsDrawer } from "../shell/Shell";
import { ConversationList } from "./ConversationList";
import { ListBar } from "./ListBar";
import classes from "./InboxPage.module.css";
import { SearchBox } from "./SearchBox";
import { clear, cursor } from "./selection";
import { Views } from "./Views";

export function InboxPage() {
  const { t } = useTranslation("inbox");
  const filter = useSearch({ from: "/inside/inbox" });
  const { conversationId } = useParams({ strict: false });
  const drawer = useViewsDrawer();
  const key = JSON.stringify(asked(filter));
  useEffect(() => {
    clear();
    cursor.set(undefined);
  }, [key]);
  return (
    <div className={classes.inbox} data-reading={conversationId ? "" : undefined}>
      <nav className={classes.views} aria-label={t("views.title")}>
        <Views filter={filter} />
      </nav>
      <Drawer opened={drawer.open} onClose={drawer.close} title={t("views.title")} size={280}>
        <Views filter={filter} onChosen={drawer.close} />
      </Drawer>
      <section className={classes.list} aria-label={t("conversations")}>
        <SearchBox filter={filter} />
        <ListBar filter={filter} open={conversationId} />
        <ConversationList key={key} filter={filter} open={conversationId} />
      </section>
      <main className={classes.thread}>
        {conversationId ? <Reading id={conversationId} /> : <div className={classes.nothing}>{t("choose")}</div>}
      </main>
    </div>
  );
}

/** The open conversation, and telling others who is there. */
function Reading({ id }: { id: string }) {
  useLooking(id);
  const typed = ({ target }: FormEvent) => {
    if (answers(target)) sayTyping(id);
  };
  return (
    <div className={classes.reading} onInput={typed}>
      <div className={classes.page}>
        <Outlet />
      </div>
    </div>
  );
}
