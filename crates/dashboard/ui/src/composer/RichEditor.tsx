/** Writing with formats. Loaded when it is needed: it is larger than all else in the room. */

import "@mantine/tiptap/styles.css";

import { RichTextEditor } from "@mantine/tiptap";
import { Image } from "@tiptap/extension-image";
import { Placeholder } from "@tiptap/extensions";
import { type Editor, useEditor } from "@tiptap/react";
import { StarterKit } from "@tiptap/starter-kit";
import { useEffect, useImperativeHandle, useRef } from "react";
import { useTranslation } from "react-i18next";

import { escape, htmlOf, isEmpty, textOf } from "../lib/html";
import { styleNonce } from "../theme";
import { fromEditor, toEditor } from "./content";
import { type EditorProps, lengthOf, type Piece, tokenIn } from "./editor";
import classes from "./RichEditor.module.css";

const shown = (piece: Piece): string => toEditor(piece.html ?? htmlOf(piece.text));

function pieceOf(editor: Editor): Piece {
  const html = fromEditor(editor.getHTML());
  return isEmpty(html) ? { text: "", html: null } : { text: textOf(html), html };
}

function tokenAt(editor: Editor, mentions: boolean) {
  const { $from, empty } = editor.state.selection;
  if (!empty || !$from.parent.isTextblock || $from.parent.type.spec.code) return undefined;
  return tokenIn($from.parent.textBetween(0, $from.parentOffset, undefined, "\ufffc"), mentions);
}

export default function RichEditor(props: EditorProps) {
  const { t } = useTranslation("thread");
  const newest = useRef(props);
  useEffect(() => {
    newest.current = props;
  });
  const told = (editor: Editor) => newest.current.onToken(tokenAt(editor, newest.current.mentions));
  const editor = useEditor({
    extensions: [
      StarterKit.configure({
        heading: false,
        horizontalRule: false,
        link: { openOnClick: false, defaultProtocol: "https" },
      }),
      Image.configure({ inline: true }),
      Placeholder.configure({ placeholder: () => newest.current.placeholder }),
    ],
    content: shown(props.initial),
    injectNonce: styleNonce(),
    editorProps: {
      attributes: { role: "textbox", "aria-multiline": "true", "aria-label": props.label },
      handleKeyDown: (_, event) => newest.current.onKey(event),
      handlePaste: (_, event) => {
        const files = [...(event.clipboardData?.files ?? [])];
        // Office programs bring a picture of the text beside the text.
        if (files.length === 0 || event.clipboardData?.types.includes("text/html")) return false;
        newest.current.onFiles(files);
        return true;
      },
      handleDrop: (_, event) => {
        const files = [...(event.dataTransfer?.files ?? [])];
        if (files.length === 0) return false;
        event.preventDefault();
        newest.current.onFiles(files);
        return true;
      },
    },
    onUpdate: ({ editor: it }) => {
      newest.current.onChange(pieceOf(it));
      told(it);
    },
    onSelectionUpdate: ({ editor: it }) => told(it),
  });

  useImperativeHandle(
    props.handle,
    () => ({
      focus: () => void editor.commands.focus("end"),
      insert: (piece, overToken) => {
        const token = overToken ? tokenAt(editor, newest.current.mentions) : undefined;
        const to = editor.state.selection.from;
        const chain = editor.chain().focus();
        if (token) chain.deleteRange({ from: to - lengthOf(token), to });
        const isLine = !piece.html && !piece.text.includes("\n");
        chain.insertContent(isLine ? escape(piece.text) : shown(piece)).run();
      },
      set: (piece) => void editor.commands.setContent(shown(piece), { emitUpdate: false }),
      picture: (src, alt) => editor.chain().focus().setImage({ src, alt }).run(),
    }),
    [editor],
  );

  const { choices } = props;
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const at = frame.current?.querySelector("[role=textbox]");
    if (!at) return;
    for (const [name, value] of [
      ["aria-controls", choices?.list],
      ["aria-activedescendant", choices?.marked],
    ] as const) {
      if (value) at.setAttribute(name, value);
      else at.removeAttribute(name);
    }
  }, [choices?.list, choices?.marked]);

  return (
    <RichTextEditor
      ref={frame}
      editor={editor}
      variant="subtle"
      className={classes.editor}
      labels={{
        boldControlLabel: t("format.bold"),
        italicControlLabel: t("format.italic"),
        bulletListControlLabel: t("format.bullets"),
        orderedListControlLabel: t("format.numbers"),
        blockquoteControlLabel: t("format.quote"),
        codeBlockControlLabel: t("format.code"),
        linkControlLabel: t("format.link"),
        linkEditorInputLabel: t("format.address"),
        linkEditorInputPlaceholder: "https://example.com",
        linkEditorExternalLink: t("format.newTab"),
        linkEditorInternalLink: t("format.sameTab"),
        linkEditorSave: t("format.save"),
      }}
    >
      <RichTextEditor.Content className={classes.content} />
      <RichTextEditor.Toolbar className={classes.tools} role="toolbar" aria-label={t("format.label")}>
        <RichTextEditor.Bold />
        <RichTextEditor.Italic />
        <RichTextEditor.BulletList />
        <RichTextEditor.OrderedList />
        <RichTextEditor.Blockquote />
        <RichTextEditor.CodeBlock />
        <RichTextEditor.Link />
      </RichTextEditor.Toolbar>
    </RichTextEditor>
  );
}
