/** Writing a reply or a note. What is typed is kept until it is sent. */

import { ActionIcon, Alert, Button, CloseButton, Group, SegmentedControl, Text, Textarea, Tooltip } from "@mantine/core";
import { IconPaperclip, IconSend, IconSparkles } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ClipboardEvent, type DragEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { complain, upload, useSend, useSetStatus } from "../api/changes";
import { ApiError, answer, api, type Schemas } from "../api/client";
import type { Conversation, Message } from "../api/queries";
import * as drafts from "../lib/drafts";
import { bytes } from "../lib/times";
import classes from "./Composer.module.css";

type Upload = Schemas["AttachmentView"];

export function Composer({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const kept = useRef(drafts.load(conversation.id));
  const [text, setText] = useState(kept.current?.text ?? "");
  const [isPrivate, setPrivate] = useState(kept.current?.private ?? false);
  const [files, setFiles] = useState<Upload[]>([]);
  const [uploading, setUploading] = useState(0);
  const [unseen, setUnseen] = useState<number>();
  const [suggestion, setSuggestion] = useState<string>();
  const [suggesting, setSuggesting] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const tryKey = useRef(crypto.randomUUID());
  const send = useSend(conversation.id);
  const setStatus = useSetStatus(conversation.id);

  useEffect(() => drafts.keep(conversation.id, text, isPrivate), [conversation.id, text, isPrivate]);

  async function add(all: Iterable<File>) {
    for (const file of all) {
      setUploading((it) => it + 1);
      try {
        const made = await upload(file);
        setFiles((it) => [...it, made]);
      } catch (error) {
        complain(error);
      } finally {
        setUploading((it) => it - 1);
      }
    }
  }

  function newestSeen(): string | undefined {
    const pages = client.getQueryData<{ pages: { data: Message[] }[] }>(["messages", conversation.id])?.pages;
    return pages?.[0]?.data.findLast((it) => it.direction !== "event")?.id;
  }

  async function submit({ resolve = false, force = false } = {}) {
    if (!text.trim() && files.length === 0) return;
    const last_seen_message_id = newestSeen();
    const body: Schemas["Send"] = {
      text,
      private: isPrivate,
      force,
      attachment_ids: files.map((it) => it.id),
      ...(last_seen_message_id ? { last_seen_message_id } : {}),
      ...(suggestion && !isPrivate ? { suggestion_id: suggestion } : {}),
    };
    try {
      await send.mutateAsync({ key: tryKey.current, body });
    } catch (error) {
      // A refused try is over; only an answer that was lost is asked for again with the same key.
      if (error instanceof ApiError) tryKey.current = crypto.randomUUID();
      if (error instanceof ApiError && error.body.messages) setUnseen(error.body.messages.length);
      else complain(error);
      return;
    }
    tryKey.current = crypto.randomUUID();
    drafts.forget(conversation.id);
    setText("");
    setFiles([]);
    setUnseen(undefined);
    setSuggestion(undefined);
    if (resolve) setStatus.mutate({ status: "resolved" });
  }

  async function suggest() {
    setSuggesting(true);
    try {
      const params = { query: { conversation_id: conversation.id } };
      const it = await answer(api.GET("/api/ai-suggest", { params }));
      if (it.suggestion) {
        setText((typed) => (typed.trim() ? `${typed}\n\n${it.suggestion ?? ""}` : (it.suggestion ?? "")));
        setSuggestion(it.suggestion_id ?? undefined);
      } else {
        complain(new ApiError(200, { error: t("composer.noSuggestion") }));
      }
    } catch (error) {
      complain(error);
    } finally {
      setSuggesting(false);
    }
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void submit({ resolve: event.shiftKey });
    }
  }

  function onPaste(event: ClipboardEvent) {
    if (event.clipboardData.files.length > 0) {
      event.preventDefault();
      void add(event.clipboardData.files);
    }
  }

  function onDrop(event: DragEvent) {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    void add(event.dataTransfer.files);
  }

  const empty = !text.trim() && files.length === 0;
  return (
    <section
      className={classes.composer}
      data-private={isPrivate ? "" : undefined}
      aria-label={t("composer.label")}
      onDragOver={(event) => event.preventDefault()}
      onDrop={onDrop}
    >
      {unseen !== undefined && (
        <Alert color="orange" p="xs" mb="xs" role="alert">
          <Group gap="xs">
            <Text size="sm" flex={1}>
              {t("composer.stale", { count: unseen })}
            </Text>
            <Button size="compact-sm" variant="default" onClick={() => void submit({ force: true })}>
              {t("composer.sendAnyway")}
            </Button>
          </Group>
        </Alert>
      )}
      <Textarea
        aria-label={isPrivate ? t("composer.note") : t("composer.reply")}
        placeholder={isPrivate ? t("composer.notePlaceholder") : t("composer.replyPlaceholder")}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        autosize
        minRows={3}
        maxRows={14}
        variant="unstyled"
      />
      {files.length > 0 && (
        <Group gap="xs" mb="xs">
          {files.map((it) => (
            <Group key={it.id} gap={2} className={classes.file}>
              <Text size="xs" truncate maw={200}>
                {it.name}
              </Text>
              <Text size="xs" c="dimmed">
                {bytes(it.size)}
              </Text>
              <CloseButton
                size="xs"
                aria-label={t("composer.remove", { name: it.name })}
                onClick={() => setFiles((all) => all.filter((other) => other.id !== it.id))}
              />
            </Group>
          ))}
        </Group>
      )}
      <Group gap="xs">
        <SegmentedControl
          size="xs"
          aria-label={t("composer.kind")}
          value={isPrivate ? "note" : "reply"}
          onChange={(kind) => setPrivate(kind === "note")}
          data={[
            { value: "reply", label: t("composer.reply") },
            { value: "note", label: t("composer.note") },
          ]}
        />
        <Tooltip label={t("composer.attach")}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("composer.attach")}
            loading={uploading > 0}
            onClick={() => picker.current?.click()}
          >
            <IconPaperclip size={18} />
          </ActionIcon>
        </Tooltip>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            void add([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
        <Tooltip label={t("composer.suggest")}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("composer.suggest")}
            loading={suggesting}
            onClick={() => void suggest()}
          >
            <IconSparkles size={18} />
          </ActionIcon>
        </Tooltip>
        <div className={classes.gap} />
        {!isPrivate && conversation.status !== "resolved" && (
          <Button
            visibleFrom="sm"
            size="xs"
            variant="default"
            disabled={empty || uploading > 0}
            onClick={() => void submit({ resolve: true })}
          >
            {t("composer.sendAndResolve")}
          </Button>
        )}
        <Button
          size="xs"
          color={isPrivate ? "yellow" : "indigo"}
          leftSection={<IconSend size={15} />}
          loading={send.isPending}
          disabled={empty || uploading > 0}
          onClick={() => void submit()}
        >
          {isPrivate ? t("composer.addNote") : t("composer.send")}
        </Button>
      </Group>
    </section>
  );
}
