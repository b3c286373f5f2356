/** HTML mail in a frame of its own: the server cleaned it, the frame has no origin and runs nothing. */

import { Button, Group, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Message } from "../api/queries";
import classes from "./MailFrame.module.css";
import { mailHtml, measure, type Room } from "./shape";

const SMALLEST = 40;
const TALLEST = 4_000;
/**
 * With pictures from elsewhere whose size the mail does not name, and without any answer: the rest scrolls.
 * This page may not load them, and the frame can tell nobody how tall it is.
 */
const UNKNOWN = 480;

export function MailFrame({ message: it }: { message: Message }) {
  const { t } = useTranslation();
  const [pictures, setPictures] = useState(false);
  const [folded, setFolded] = useState(it.quoted !== null);
  const [room, setRoom] = useState<Room>();
  const place = useRef<HTMLDivElement>(null);
  const url = `${it.html_url ?? ""}${pictures ? "?images=true" : ""}`;
  const { data: html, isError } = useQuery(mailHtml(url));
  useLayoutEffect(() => (html && place.current ? measure(html, place.current, setRoom) : undefined), [html]);

  const least = isError || (pictures && room?.sure === false) ? UNKNOWN : SMALLEST;
  const height = Math.min(TALLEST, Math.max(least, room?.height ?? 0));
  const quotes = room?.quotes;
  return (
    <div className={classes.mail}>
      <div ref={place} className={classes.shape} aria-hidden />
      <div
        className={classes.shown}
        style={folded && quotes !== undefined ? { height: Math.max(SMALLEST, quotes) } : undefined}
      >
        <iframe
          className={classes.frame}
          title={it.subject ?? t("message.mail")}
          src={url}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          referrerPolicy="no-referrer"
          style={{ height }}
        />
      </div>
      {quotes !== undefined && (
        <UnstyledButton className={classes.fold} aria-expanded={!folded} onClick={() => setFolded(!folded)}>
          {folded ? t("message.showQuoted") : t("message.hideQuoted")}
        </UnstyledButton>
      )}
      {!pictures && html !== undefined && html.blockedImages > 0 && (
        <Group gap={6} mt={4}>
          <Text size="xs" c="dimmed">
            {t("message.picturesBlocked")}
          </Text>
          <Button size="compact-xs" variant="subtle" onClick={() => setPictures(true)}>
            {t("message.showPictures")}
          </Button>
        </Group>
      )}
    </div>
  );
}
