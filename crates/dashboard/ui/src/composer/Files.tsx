/** The files that will go along, and those on their way here. */

import { CloseButton, Group, Image, Progress, Text } from "@mantine/core";
import { IconFile } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { bytes } from "../lib/times";
import { pictureAddress, type Upload } from "./content";
import classes from "./Files.module.css";
import type { OnItsWay } from "./uploads";

interface Props {
  files: Upload[];
  onItsWay: OnItsWay[];
  onRemove: (file: Upload) => void;
}

export function Files({ files, onItsWay, onRemove }: Props) {
  const { t } = useTranslation("thread");
  if (files.length === 0 && onItsWay.length === 0) return null;
  return (
    <Group component="ul" gap="xs" mb="xs" p={0} className={classes.files} aria-label={t("composer.files")}>
      {files.map((it) => (
        <li key={it.id} className={classes.file}>
          {it.mime_type.startsWith("image/") ? (
            <Image src={pictureAddress(it.id)} alt="" w={28} h={28} radius="sm" fit="cover" />
          ) : (
            <IconFile size={18} aria-hidden />
          )}
          <Text size="xs" truncate maw={180}>
            {it.name}
          </Text>
          <Text size="xs" c="dimmed">
            {bytes(it.size)}
          </Text>
          <CloseButton size="sm" aria-label={t("composer.remove", { name: it.name })} onClick={() => onRemove(it)} />
        </li>
      ))}
      {onItsWay.map((it) => (
        <li key={it.key} className={classes.file}>
          <IconFile size={18} aria-hidden />
          <Text size="xs" truncate maw={180}>
            {it.name}
          </Text>
          <Progress w={60} size="sm" value={it.percent} aria-label={t("composer.uploading", { name: it.name })} />
          <CloseButton size="sm" aria-label={t("composer.remove", { name: it.name })} onClick={it.stop} />
        </li>
      ))}
    </Group>
  );
}
