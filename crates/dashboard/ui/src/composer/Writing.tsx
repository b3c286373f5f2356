/** The composer once its draft is there. */

import { ActionIcon, Group, SegmentedControl, Skeleton, Tooltip } from "@mantine/core";
import { IconBolt, IconPaperclip, IconSparkles } from "@tabler/icons-react";
import { type DragEvent, lazy, memo, Suspense, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Conversation } from "../api/queries";
import { useCommand } from "../commands/registry";
import { Choices, choiceId } from "./Choices";
import classes from "./Composer.module.css";
import { type Content, isBlank, pictureAddress, shows, type Upload } from "./content";
import { DraftState } from "./DraftState";
import type { EditorHandle, Piece, Token } from "./editor";
import { Files } from "./Files";
import * as handback from "./handback";
import { PlainEditor } from "./PlainEditor";
import { Recipients } from "./Recipients";
import { SendButtons } from "./SendButtons";
import { Stale } from "./Stale";
import { Suggestion } from "./Suggestion";
import { useUploads } from "./uploads";
import { useChoices } from "./useChoices";
import { useDraft } from "./useDraft";
import type { Draft } from "./keeper";
import { useSending } from "./useSending";
import { usePieces } from "./usePieces";

const RichEditor = lazy(() => import("./RichEditor"));

export const Writing = memo(function Writing({ conversation, first }: { conversation: Conversation; first: Draft }) {
  const { t } = useTranslation("thread");
  const editor = useRef<EditorHandle>(null);
  const list = useId();
  const draft = useDraft(conversation.id, first, (it) => editor.current?.set(it));
  const { content, change } = draft;
  const [token, setToken] = useState<Token>();
  const isNote = content.kind === "note";
  const isMail = conversation.channel_type === "email" && !isNote;
  const sending = useSending(conversation, draft);
  const pieces = usePieces(conversation, editor, sending);
  const choices = useChoices(token, (choice) => void pieces.pick(choice).then(() => setToken(undefined)));
  const uploads = useUploads((made) => {
    change((now) => ({ files: [...now.files, made] }));
    if (isMail && made.mime_type.startsWith("image/") && inText.current.delete(made.name)) {
      editor.current?.picture(pictureAddress(made.id), made.name);
    }
  });
  /** Names of pictures that were pasted into the text. */
  const inText = useRef(new Set<string>());

  useEffect(() => {
    return handback.receive(conversation.id, (given) => {
      draft.replace(joined(given, content));
      draft.change({});
      editor.current?.focus();
    });
  });

  function addFiles(files: File[], asPictures = false) {
    if (asPictures) for (const it of files) if (it.type.startsWith("image/")) inText.current.add(it.name);
    uploads.add(files);
  }

  function written(piece: Piece) {
    change((now) => {
      // A picture taken out of the text does not go along.
      const gone = (it: Upload) => shows(now.html, it.id) && !shows(piece.html, it.id);
      return { text: textWith(piece, now.files), html: piece.html, files: now.files.filter((it) => !gone(it)) };
    });
  }

  function onKey(event: KeyboardEvent): boolean {
    if (choices.onKey(event)) return true;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      void sending.send({ resolve: event.shiftKey && !isNote });
      return true;
    }
    return false;
  }

  /** Once the editor of that kind is there. */
  const wanted = useRef(false);
  useEffect(() => {
    if (wanted.current) editor.current?.focus();
    wanted.current = false;
  }, [content.kind]);
  const write = (kind: Content["kind"]) => {
    if (content.kind === kind) return editor.current?.focus();
    wanted.current = true;
    change({ kind, html: null });
  };
  useCommand("reply", () => write("reply"));
  useCommand("note", () => write("note"));

  function onDrop(event: DragEvent) {
    if (event.defaultPrevented || event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    addFiles([...event.dataTransfer.files]);
  }

  const editorProps = {
    initial: content,
    label: isNote ? t("composer.note") : t("composer.reply"),
    placeholder: isNote ? t("composer.notePlaceholder") : t("composer.replyPlaceholder"),
    mentions: isNote,
    handle: editor,
    choices: choices.open ? { list, marked: choiceId(list, choices.marked) } : undefined,
    onChange: written,
    onToken: setToken,
    onKey,
    onFiles: (files: File[]) => addFiles(files, isMail),
  };
  const listed = content.files.filter((it) => !shows(content.html, it.id));
  return (
    <section
      className={classes.composer}
      data-private={isNote ? "" : undefined}
      data-answers={isNote ? undefined : ""}
      aria-label={t("composer.label")}
      onDragOver={(event) => event.preventDefault()}
      onDrop={onDrop}
    >
      {choices.open && (
        <Choices
          id={list}
          choices={choices.all}
          marked={choices.marked}
          onMark={choices.setMarked}
          onPick={(choice) => void pieces.pick(choice).then(() => setToken(undefined))}
        />
      )}
      <Stale sending={sending} />
      <DraftState.Conflict draft={draft} />
      {pieces.suggested && (
        <Suggestion
          conversation={conversation}
          suggested={pieces.suggested}
          onInsert={pieces.insertSuggestion}
          onClose={pieces.closeSuggestion}
        />
      )}
      {isMail && (
        <Recipients conversation={conversation} cc={sending.cc} bcc={content.bcc} onChange={change} />
      )}
      {isMail ? (
        <Suspense fallback={<Skeleton h={104} />}>
          <RichEditor key="mail" {...editorProps} />
        </Suspense>
      ) : (
        <PlainEditor key={content.kind} {...editorProps} />
      )}
      <Files
        files={listed}
        onItsWay={uploads.all}
        onRemove={(gone) => change({ files: content.files.filter((it) => it.id !== gone.id) })}
      />
      <Group gap={4}>
        <SegmentedControl
          size="xs"
          flex="none"
          aria-label={t("composer.kind")}
          value={content.kind}
          onChange={(kind) => change({ kind: kind as Content["kind"], html: null })}
          data={[
            { value: "reply", label: t("composer.reply") },
            { value: "note", label: t("composer.note") },
          ]}
        />
        <Tools
          onFiles={addFiles}
          onCanned={() => {
            editor.current?.focus();
            editor.current?.insert({ text: content.text && !/\s$/.test(content.text) ? " /" : "/", html: null }, false);
          }}
          onSuggest={pieces.suggest}
          suggesting={pieces.suggesting}
        />
        <DraftState state={draft.state} />
        <SendButtons
          conversation={conversation}
          isNote={isNote}
          busy={sending.busy}
          disabled={isBlank(content) || uploads.all.length > 0}
          onSend={(plan) => void sending.send(plan)}
        />
      </Group>
    </section>
  );
});

interface ToolsProps {
  onFiles: (files: File[]) => void;
  onCanned: () => void;
  onSuggest: () => void;
  suggesting: boolean;
}

function Tools({ onFiles, onCanned, onSuggest, suggesting }: ToolsProps) {
  const { t } = useTranslation("thread");
  const picker = useRef<HTMLInputElement>(null);
  const tools = [
    { label: t("composer.attach"), Icon: IconPaperclip, does: () => picker.current?.click(), busy: false },
    { label: t("composer.canned"), Icon: IconBolt, does: onCanned, busy: false },
    { label: t("composer.suggest"), Icon: IconSparkles, does: onSuggest, busy: suggesting },
  ];
  return (
    <>
      {tools.map(({ label, Icon, does, busy }) => (
        <Tooltip key={label} label={label}>
          <ActionIcon variant="subtle" color="gray" aria-label={label} loading={busy} onClick={does}>
            <Icon size={18} />
          </ActionIcon>
        </Tooltip>
      ))}
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

/** A mail of a picture alone has words too, so that the draft is not blank. */
function textWith(piece: Piece, files: Upload[]): string {
  if (piece.text.trim() || !piece.html) return piece.text;
  const shown = files.filter((it) => shows(piece.html, it.id));
  return shown.map((it) => `[${it.name}]`).join(" ");
}

/** What is given back goes before what was begun meanwhile. */
function joined(given: Content, begun: Content): Content {
  if (isBlank(begun)) return given;
  const html = given.html && begun.html ? given.html + begun.html : null;
  return { ...given, text: `${given.text}\n\n${begun.text}`, html, files: [...given.files, ...begun.files] };
}
