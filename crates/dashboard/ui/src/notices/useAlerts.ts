/** Telling somebody who looks elsewhere: the tab's title and icon, a sound, the desktop. */

import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { counts, me } from "../api/queries";
import { said } from "../i18n/said";
import { preferences } from "../lib/preferences";
import { type Happened, useHappened } from "../live/happened";
import { nameOf } from "../people/names";
import { useTitleOf } from "../people/titles";
import icon from "./icon.svg";
import unreadIcon from "./icon-unread.svg";
import { ring } from "./sound";
import { worth } from "./worth";

/** Where in this browser somebody looks just now, for the tab that tells them. */
const LOOKING = "deskbell.looking";

export function useAlerts(): void {
  useBadge();
  useWhereabouts();
  const { t } = useTranslation();
  const titleOf = useTitleOf();
  const navigate = useNavigate();
  const { data: agent } = useQuery(me);
  useHappened((it, first) => {
    // Once for all tabs.
    if (!first || !agent) return;
    const { scope, sound, desktop } = preferences.get();
    const why = worth(it, agent.id, scope, looking());
    if (!why) return;
    if (sound) ring();
    if (!desktop || document.hasFocus()) return;
    const open = () => {
      if (it.conversation_id) {
        void navigate({ to: "/inbox/$conversationId", params: { conversationId: it.conversation_id } });
      }
    };
    const title =
      why === "notice"
        ? (it.notice ? said(it.notice.text) : t("alerts.notice"))
        : t(why === "assigned" ? "alerts.assigned" : "alerts.message", {
            name: nameOf(it.conversation?.contact, t("people.unknown")),
          });
    const about = it.conversation ? titleOf(it.conversation) : "";
    show(it, title, it.kind === "message_received" ? (it.message?.text?.slice(0, 140) ?? "") : about, open);
  });
}

function show(it: Happened, title: string, body: string, open: () => void): void {
  try {
    const shown = new Notification(title, { body, icon, tag: it.conversation_id ?? it.kind });
    shown.onclick = () => {
      window.focus();
      shown.close();
      open();
    };
  } catch {
    // Phones show them only from a service worker, and who forbade them meanwhile wants none.
  }
}

/** How many wait unread, in the tab. */
function useBadge(): void {
  const { data } = useQuery(counts);
  const unread = data?.unread.open ?? 0;
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Deskbell` : "Deskbell";
    document.querySelector('link[rel="icon"]')?.setAttribute("href", unread > 0 ? unreadIcon : icon);
  }, [unread]);
}

/** Tells the other tabs what is looked at here. */
function useWhereabouts(): void {
  const pathname = useLocation({ select: (it) => it.pathname });
  useEffect(() => {
    const tell = () => {
      if (document.hasFocus()) localStorage.setItem(LOOKING, pathname);
      else if (localStorage.getItem(LOOKING) === pathname) localStorage.removeItem(LOOKING);
    };
    const leave = () => localStorage.removeItem(LOOKING);
    tell();
    addEventListener("focus", tell);
    addEventListener("blur", tell);
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("focus", tell);
      removeEventListener("blur", tell);
      removeEventListener("pagehide", leave);
    };
  }, [pathname]);
}

const looking = (): string | undefined =>
  document.hasFocus() ? location.pathname : (localStorage.getItem(LOOKING) ?? undefined);
