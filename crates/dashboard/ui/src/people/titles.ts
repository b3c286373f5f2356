/** What to call a conversation: by its subject; a chat, which has none, by whom it is with. */

import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

import type { Conversation } from "../api/queries";
import { nameOf } from "./names";

export type Titled = Pick<Conversation, "subject" | "channel_type"> & {
  contact: { name: string | null; email: string | null; phone: string | null } | null;
};

export function titleOf(t: TFunction, { subject, channel_type, contact }: Titled): string {
  if (subject) return subject;
  if (channel_type === "email") return t("title.noSubject");
  return t(`title.${channel_type}`, { name: nameOf(contact, t("title.visitor")) });
}

export function useTitleOf(): (it: Titled) => string {
  const { t } = useTranslation();
  return (it) => titleOf(t, it);
}
