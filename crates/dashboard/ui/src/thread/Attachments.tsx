/** The files of a message: pictures to look at, sound and film to play, the rest to save. */

import { ActionIcon, Group, Image, Modal, Text, UnstyledButton } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconDownload, IconFile, IconFileTypePdf } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Message } from "../api/queries";
import { bytes } from "../lib/times";
import classes from "./Attachments.module.css";

type File = Message["attachments"][number];

const isA = (kind: string) => (it: File) => it.mime_type.startsWith(`${kind}/`);
const isPicture = (it: File) => ["image/png", "image/jpeg", "image/gif", "image/webp"].includes(it.mime_type);

export function Attachments({ message: it }: { message: Message }) {
  const { t } = useTranslation("thread");
  const [open, setOpen] = useState<number>();
  // Those the mail shows itself are not shown twice.
  const files = it.attachments.filter((file) => !file.inline || !it.html_url);
  if (files.length === 0) return null;
  const pictures = files.filter(isPicture);
  const players = files.filter((file) => isA("audio")(file) || isA("video")(file));
  const others = files.filter((file) => !pictures.includes(file) && !players.includes(file));
  return (
    <div className={classes.files}>
      {pictures.length > 0 && (
        <Group gap="xs">
          {pictures.map((file, index) => (
            <UnstyledButton
              key={file.id}
              className={classes.picture}
              aria-label={t("files.show", { name: file.name })}
              title={file.name}
              onClick={() => setOpen(index)}
            >
              <img src={`${file.url}?inline=1`} alt="" loading="lazy" />
            </UnstyledButton>
          ))}
        </Group>
      )}
      {players.map((file) => (
        <Player key={file.id} file={file} />
      ))}
      <Group gap="xs">
        {others.map((file) => (
          <Saved key={file.id} file={file} />
        ))}
      </Group>
      {open !== undefined && <Lightbox pictures={pictures} at={open} onMove={setOpen} onClose={() => setOpen(undefined)} />}
    </div>
  );
}

function Player({ file: it }: { file: File }) {
  const { t } = useTranslation("thread");
  // Not every browser knows every kind of sound and film.
  const [failed, setFailed] = useState(false);
  const media = { controls: true, src: it.url, "aria-label": it.name, onError: () => setFailed(true) };
  return (
    <figure className={classes.player}>
      {failed ? (
        <Text size="xs" c="dimmed" role="status">
          {t("files.unplayable")}
        </Text>
      ) : isA("audio")(it) ? (
        <audio {...media} preload="none" />
      ) : (
        <video {...media} preload="metadata" playsInline />
      )}
      <figcaption>
        <Saved file={it} />
      </figcaption>
    </figure>
  );
}

function Saved({ file: it }: { file: File }) {
  const Icon = it.mime_type === "application/pdf" ? IconFileTypePdf : IconFile;
  return (
    <a className={classes.file} href={it.url} download={it.name}>
      <Icon size={18} aria-hidden />
      <Text component="span" size="xs" truncate maw={220}>
        {it.name}
      </Text>
      <Text component="span" size="xs" c="dimmed">
        {bytes(it.size)}
      </Text>
    </a>
  );
}

interface LightboxProps {
  pictures: File[];
  at: number;
  onMove: (at: number) => void;
  onClose: () => void;
}

function Lightbox({ pictures, at, onMove, onClose }: LightboxProps) {
  const { t } = useTranslation("thread");
  const it = pictures[at];
  if (!it) return null;
  const step = (by: number) => onMove((at + by + pictures.length) % pictures.length);
  return (
    <Modal
      opened
      onClose={onClose}
      size="auto"
      centered
      title={it.name}
      closeButtonProps={{ "aria-label": t("close") }}
      onKeyDown={(event) => {
        if (event.key === "ArrowRight") step(1);
        if (event.key === "ArrowLeft") step(-1);
      }}
    >
      <Image src={`${it.url}?inline=1`} alt={it.name} className={classes.large} fit="contain" />
      <Group justify="center" mt="xs">
        {pictures.length > 1 && (
          <ActionIcon variant="subtle" color="gray" aria-label={t("files.previous")} onClick={() => step(-1)}>
            <IconChevronLeft size={18} />
          </ActionIcon>
        )}
        <ActionIcon
          component="a"
          variant="subtle"
          color="gray"
          href={it.url}
          download={it.name}
          aria-label={t("files.save", { name: it.name })}
        >
          <IconDownload size={18} />
        </ActionIcon>
        {pictures.length > 1 && (
          <ActionIcon variant="subtle" color="gray" aria-label={t("files.next")} onClick={() => step(1)}>
            <IconChevronRight size={18} />
          </ActionIcon>
        )}
      </Group>
    </Modal>
  );
}
