/** @jsxImportSource preact */
/** Where the visitor writes. What is typed stays until it is sent. */

import { useEffect, useRef, useState } from "preact/hooks";

import type { Chat } from "./chat";
import { Icon } from "./icons";
import { FileChip, useUploads } from "./uploads";
import { say } from "./words";

/** Milliseconds without a key after which the visitor no longer types. */
const STILL = 5_000;

export function Composer({ chat, open }: { chat: Chat; open: boolean }) {
  const [text, setText] = useState(() => chat.kept.get("draft") ?? "");
  const { uploads, add, remove, clear, retry } = useUploads(chat);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const still = useRef<ReturnType<typeof setTimeout>>(undefined);
  const over = useDrop(add);
  useEffect(() => {
    if (open) field.current?.focus();
  }, [open]);

  const write = (now: string) => {
    setText(now);
    chat.kept.set("draft", now || null);
    clearTimeout(still.current);
    chat.types(now !== "");
    if (now) still.current = setTimeout(() => chat.types(false), STILL);
  };
  const done = uploads.flatMap((it) => (it.done ? [it.done] : []));
  const ready = uploads.length === done.length && (text.trim() !== "" || done.length > 0);
  const send = () => {
    if (!ready) return;
    clearTimeout(still.current);
    chat.send(text.trim(), done);
    setText("");
    chat.kept.set("draft", null);
    clear();
    field.current?.focus();
  };
  const key = (event: KeyboardEvent) => {
    // A keyboard on glass has no Shift+Enter; there the button sends.
    const isTouch = matchMedia("(pointer: coarse)").matches;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || isTouch) return;
    event.preventDefault();
    send();
  };
  const paste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    add(files);
  };

  return (
    <form
      class={over ? "composer over" : "composer"}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {uploads.length > 0 && (
        <ul class="uploads">
          {uploads.map((it) => (
            <FileChip key={it.key} upload={it} remove={() => remove(it.key)} retry={() => retry(it.key)} />
          ))}
        </ul>
      )}
      <div class="line">
        <button
          type="button"
          class="plain"
          aria-label={say("attach")}
          title={say("attach")}
          onClick={() => picker.current?.click()}
        >
          <Icon name="clip" />
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            add([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
        {/* The text beside it gives the field its height. */}
        <div class="grow" data-text={text}>
          <textarea
            ref={field}
            rows={1}
            dir="auto"
            maxLength={10_000}
            aria-label={say("message")}
            placeholder={over ? say("dropHere") : say("write")}
            value={text}
            onInput={(event) => write(event.currentTarget.value)}
            onKeyDown={key}
            onPaste={paste}
          />
        </div>
        <button type="submit" class="send" aria-label={say("send")} title={say("send")} aria-disabled={!ready}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

/** Files may be dropped anywhere on the panel. True while some hang above it. */
function useDrop(add: (files: File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(add);
  latest.current = add;
  useEffect(() => {
    const carries = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const drag = (event: DragEvent) => {
      if (!carries(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!carries(event)) return;
      event.preventDefault();
      setOver(false);
      latest.current([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener("dragover", drag);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", drag);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  return over;
}
