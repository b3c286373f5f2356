/** Writing somebody down who has not written yet. */

import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { useSave } from "../settings/parts/forms";
import { AskToLeave, Unsaved } from "../settings/parts/Unsaved";
import { ContactForm } from "./ContactForm";
import { adoptContact, type ContactPatch } from "./queries";

export default function NewContact({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("contacts");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [changed, setChanged] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const make = useSave(
    (body: ContactPatch) => answer(api.POST("/api/contacts", { body })),
    async (made) => {
      adoptContact(client, made);
      onClose();
      const params = { contactId: made.id };
      await navigate({ to: "/contacts/$contactId", params, search: true, ignoreBlocker: true });
    },
  );
  return (
    <Modal opened onClose={() => (changed ? setLeaving(true) : onClose())} title={t("add")} size="lg">
      <Unsaved changed={changed} />
      <AskToLeave opened={leaving} onLeave={onClose} onStay={() => setLeaving(false)} />
      <ContactForm saving={make} label={t("create")} onChanged={setChanged} onSubmit={(body) => make.mutate(body)} />
    </Modal>
  );
}
