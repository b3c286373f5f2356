/** One message, with its files, and how far it has come. */

import { Alert, Avatar, Button, Card, Group, Text, UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Conversation, type Message, message } from "../api/queries";
import { longTime, shortTime } from "../lib/times";
import { Address } from "../people/Address";
import { nameOf } from "../people/names";
import { Attachments } from "./Attachments";
import { Delivery } from "./Delivery";
import { Linked } from "./Linked";
import { MailFrame } from "./MailFrame";
import classes from "./MessageCard.module.css";
import { MessageMenu } from "./MessageMenu";
import { RichText } from "./RichText";

interface Props {
  message: Message;
  contact: Conversation["contact"];
}

export const MessageCard = memo(function MessageCard({ message: it, contact }: Props) {
  const { t } = useTranslation();
  const author =
    it.sender.type === "contact" ? (it.sender.name ?? nameOf(contact, t("people.unknown"))) : it.sender.name;
  return (
    <Card
      component="article"
      className={classes.card}
      data-direction={it.direction}
      withBorder
      padding="sm"
      aria-label={t("message.from", { name: author ?? "Deskbell" })}
    >
      <Group gap="xs" wrap="nowrap" mb={6}>
        <Avatar size={26} name={author ?? "Deskbell"} color="initials" />
        <div className={classes.who}>
          <Group gap={6}>
            <Text size="sm" fw={600}>
              {author ?? "Deskbell"}
            </Text>
            {it.direction === "note" && (
              <Group gap={2} c="dimmed">
                <IconLock size={13} aria-hidden />
                <Text size="xs">{t("message.note")}</Text>
              </Group>
            )}
          </Group>
          <Addresses message={it} />
        </div>
        <Text component="time" size="xs" c="dimmed" dateTime={it.created_at} title={longTime(it.created_at)}>
          {shortTime(it.created_at)}
        </Text>
        <MessageMenu message={it} />
      </Group>
      {it.remark && (
        <Alert color="yellow" icon={<IconAlertTriangle size={16} />} p="xs" mb="xs">
          {it.remark}
        </Alert>
      )}
      <Body message={it} />
      <Attachments message={it} />
      <Delivery message={it} />
    </Card>
  );
});

/** Who a mail goes to, where that is more than the customer. */
function Addresses({ message: it }: { message: Message }) {
  const { t } = useTranslation();
  const parts = [
    it.from && it.direction === "inbound" && it.from.address,
    it.cc.length > 0 && t("message.cc", { list: it.cc.join(", ") }),
    it.bcc.length > 0 && t("message.bcc", { list: it.bcc.join(", ") }),
  ].filter(Boolean);
  if (parts.length === 0) return null;
  return (
    <Text size="xs" c="dimmed" className="words">
      <Address text={parts.join(" · ")} />
    </Text>
  );
}

function Body({ message: listed }: { message: Message }) {
  const { t } = useTranslation();
  const [more, setMore] = useState(false);
  const [all, setAll] = useState(false);
  const whole = useQuery({ ...message(listed.id), enabled: all });
  const it = whole.data ?? listed;
  if (it.html_url && it.direction === "inbound") return <MailFrame message={it} />;
  const isRich = it.direction === "outbound" && it.html !== null;
  return (
    <>
      {isRich && <RichText html={it.html ?? ""} />}
      {it.text && !isRich && (
        <Text size="sm" className="words" component="div">
          <Linked text={it.text} />
        </Text>
      )}
      {it.is_cut && (
        <Button size="compact-xs" variant="light" mt={4} loading={whole.isFetching} onClick={() => setAll(true)}>
          {t("message.showAll")}
        </Button>
      )}
      {it.quoted && (
        <>
          <UnstyledButton className={classes.fold} aria-expanded={more} onClick={() => setMore(!more)}>
            {more ? t("message.hideQuoted") : t("message.showQuoted")}
          </UnstyledButton>
          {more && (
            <Text size="sm" c="dimmed" className="words" component="blockquote" m={0}>
              <Linked text={it.quoted} />
            </Text>
          )}
        </>
      )}
    </>
  );
}
