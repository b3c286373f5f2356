/** The few words on the site's own page. */

import type { Language } from "../languages";

export const WORDS: Record<Language, Record<"open" | "close" | "title" | "unread" | "oneUnread" | "failed", string>> = {
  en: {
    open: "Open chat",
    close: "Close chat",
    title: "Chat",
    unread: "unread messages",
    oneUnread: "unread message",
    failed: "The chat could not be loaded. Please try again.",
  },
  de: {
    open: "Chat öffnen",
    close: "Chat schließen",
    title: "Chat",
    unread: "ungelesene Nachrichten",
    oneUnread: "ungelesene Nachricht",
    failed: "Der Chat konnte nicht geladen werden. Bitte versuchen Sie es noch einmal.",
  },
  id: {
    open: "Buka obrolan",
    close: "Tutup obrolan",
    title: "Obrolan",
    unread: "pesan belum dibaca",
    oneUnread: "pesan belum dibaca",
    failed: "Obrolan tidak dapat dimuat. Silakan coba lagi.",
  },
};
