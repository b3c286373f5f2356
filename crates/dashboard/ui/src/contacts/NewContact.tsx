/** Writing somebody down who has not written yet. */

import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { useSave } from "../settings/parts/forms";
import { ContactForm } from "./ContactForm";
import { adoptContact, type ContactPatch } from "./queries";

export default function NewContact({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("contacts");
  const client = useQueryClient();
  const navigate = useNavigate();
  const make = useSave(
    (body: ContactPatch) => answer(api.POST("/api/contacts", { body })),
    async (made) => {
      adoptContact(client, made);
      onClose();
      await navigate({ to: "/contacts/$contactId", params: { contactId: made.id }, search: true });
    },
  );
  return (
    <Modal opened onClose={onClose} title={t("add")} size="lg" closeButtonProps={{ "aria-label": t("close") }}>
      <ContactForm saving={make} label={t("create")} onSubmit={(body) => make.mutate(body)} />
    </Modal>
  );
}
