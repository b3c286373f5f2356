/** HTML mail in a frame of its own: the server cleaned it, the frame's sandbox runs nothing. */

import { Button, Group, Text, UnstyledButton } from "@mantine/core";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Message } from "../api/queries";
import classes from "./MailFrame.module.css";
import { quotesAtEnd } from "./quotes";

const SMALLEST = 40;
const TALLEST = 4_000;

export function MailFrame({ message: it }: { message: Message }) {
  const { t } = useTranslation();
  const [pictures, setPictures] = useState(false);
  const [blocked, setBlocked] = useState(false);
  const [height, setHeight] = useState(SMALLEST);
  const [folded, setFolded] = useState<boolean>();
  const frame = useRef<HTMLIFrameElement>(null);
  const url = `${it.html_url ?? ""}${pictures ? "?images=true" : ""}`;

  function fit() {
    const at = frame.current;
    const page = at?.contentDocument?.documentElement;
    if (!at || !page) return;
    // Measured small: what fills a frame is never shorter than the frame.
    at.style.height = `${SMALLEST}px`;
    const fitting = Math.min(TALLEST, Math.max(SMALLEST, page.scrollHeight));
    at.style.height = `${fitting}px`;
    setHeight(fitting);
  }

  function fold(hidden: boolean) {
    const quotes = frame.current?.contentDocument ? quotesAtEnd(frame.current.contentDocument) : [];
    for (const quote of quotes) quote.hidden = hidden;
    setFolded(quotes.length > 0 ? hidden : undefined);
    fit();
  }

  function onLoad() {
    const page = frame.current?.contentDocument;
    // The server leaves the place of a picture from elsewhere, without its address.
    setBlocked(!pictures && Boolean(page?.querySelector("img:not([src])")));
    fold(it.quoted !== null && folded !== false);
  }

  return (
    <>
      <iframe
        ref={frame}
        className={classes.frame}
        title={it.subject ?? t("message.mail")}
        src={url}
        sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
        style={{ height }}
        onLoad={onLoad}
      />
      {folded !== undefined && (
        <UnstyledButton className={classes.fold} aria-expanded={!folded} onClick={() => fold(!folded)}>
          {folded ? t("message.showQuoted") : t("message.hideQuoted")}
        </UnstyledButton>
      )}
      {blocked && (
        <Group gap={6} mt={4}>
          <Text size="xs" c="dimmed">
            {t("message.picturesBlocked")}
          </Text>
          <Button size="compact-xs" variant="subtle" onClick={() => setPictures(true)}>
            {t("message.showPictures")}
          </Button>
        </Group>
      )}
    </>
  );
}
