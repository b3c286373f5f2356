/** HTML mail in a frame of its own: the server cleaned it, the frame's sandbox runs nothing. */

import { Button, Group, Text } from "@mantine/core";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Message } from "../api/queries";
import classes from "./MailFrame.module.css";

const SMALLEST = 40;
const TALLEST = 4_000;

export function MailFrame({ message: it }: { message: Message }) {
  const { t } = useTranslation();
  const [pictures, setPictures] = useState(false);
  const [height, setHeight] = useState(SMALLEST);
  const frame = useRef<HTMLIFrameElement>(null);
  const url = `${it.html_url ?? ""}${pictures ? "?images=true" : ""}`;

  function fit() {
    const page = frame.current?.contentDocument?.documentElement;
    if (page) setHeight(Math.min(TALLEST, Math.max(SMALLEST, page.scrollHeight)));
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
        onLoad={fit}
      />
      {!pictures && (
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
