/** Rules that act by themselves. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../parts/forms";
import type { SectionProps } from "../sections";
import { AutomationList } from "./AutomationList";
import { Editor } from "./Editor";
import { automations } from "./queries";
import { type Draft, readDraft } from "./rules";
import { Templates } from "./Templates";

export default function AutomationsPage({ item }: SectionProps) {
  if (item === undefined) return <AutomationList />;
  return item === "new" ? <Fresh /> : <Stored id={item} key={item} />;
}

function Fresh() {
  const [draft, setDraft] = useState<Draft>();
  if (!draft) return <Templates onChosen={setDraft} />;
  return <Editor draft={draft} />;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation("automations");
  const { data, error, refetch } = useQuery(automations);
  const it = data?.find((one) => one.id === id);
  if (!data) return <Problem error={error} onAgain={() => void refetch()} />;
  if (!it) return <p role="alert">{t("gone")}</p>;
  return <Editor draft={readDraft(it)} stored={it} />;
}
