/** Writing letters and nothing else: notes, and channels that know no formats. */

import { Textarea } from "@mantine/core";
import { type ClipboardEvent, useImperativeHandle, useRef, useState } from "react";
import { flushSync } from "react-dom";

import { type EditorProps, lengthOf, tokenIn } from "./editor";

export function PlainEditor(props: EditorProps) {
  const { initial, label, placeholder, mentions, handle, choices, onChange, onToken, onKey, onFiles } = props;
  const [text, setText] = useState(initial.text);
  const area = useRef<HTMLTextAreaElement>(null);

  function show(wanted: string, caret = wanted.length) {
    // Drawn at once, since before there is no such place; later, what is typed meanwhile lands elsewhere.
    flushSync(() => setText(wanted));
    area.current?.setSelectionRange(caret, caret);
    onChange({ text: wanted, html: null });
  }

  const before = () => (area.current?.value ?? "").slice(0, area.current?.selectionStart ?? 0);

  useImperativeHandle(handle, () => ({
    focus: () => {
      area.current?.focus();
      area.current?.setSelectionRange(text.length, text.length);
    },
    insert: (piece, overToken) => {
      const typed = area.current?.value ?? text;
      const head = before();
      const token = overToken ? tokenIn(head, mentions) : undefined;
      const kept = token ? head.slice(0, -lengthOf(token)) : head;
      area.current?.focus();
      show(kept + piece.text + typed.slice(head.length), kept.length + piece.text.length);
      onToken(undefined);
    },
    set: (piece) => setText(piece.text),
    picture: () => false,
  }));

  function onPaste(event: ClipboardEvent) {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  }

  return (
    <Textarea
      ref={area}
      aria-label={label}
      aria-controls={choices?.list}
      aria-activedescendant={choices?.marked}
      placeholder={placeholder}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange({ text: event.currentTarget.value, html: null });
        onToken(tokenIn(before(), mentions));
      }}
      onSelect={() => onToken(tokenIn(before(), mentions))}
      onKeyDown={(event) => {
        if (onKey(event.nativeEvent)) event.preventDefault();
      }}
      onPaste={onPaste}
      autosize
      minRows={3}
      maxRows={14}
      variant="unstyled"
    />
  );
}
