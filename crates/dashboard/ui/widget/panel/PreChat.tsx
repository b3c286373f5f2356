/** @jsxImportSource preact */
/** What the desk wants to know before the first message. */

import { useEffect, useRef, useState } from "preact/hooks";

import type { Field, Visitor } from "./api";
import type { Chat } from "./chat";
import { objectIn } from "./history";
import { say } from "./words";

interface Props {
  chat: Chat;
  fields: Field[];
  greeting: string | null;
  /** What the server did not accept of an earlier answer. */
  misformed: ReadonlyMap<string, string>;
}

/** The fields whose answer the site has not told us already. */
export function unanswered(fields: Field[], visitor: Visitor | null): Field[] {
  const known = (field: string) => (field === "name" && visitor?.name) || (field === "email" && visitor?.email);
  return fields.filter((it) => !known(it.field));
}

export function PreChat({ chat, fields, greeting, misformed }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState(() => ({ ...kept(chat, "answers"), ...kept(chat, "form") }));
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(misformed);
  useEffect(() => setProblems(misformed), [misformed]);
  const type = (field: string, value: string) => {
    const now = { ...values, [field]: value };
    setValues(now);
    chat.kept.set("form", JSON.stringify(now));
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const found = new Map(fields.flatMap((it) => problemOf(it, values[it.field] ?? "")));
    setProblems(found);
    const first = found.keys().next().value;
    if (first !== undefined) {
      const wrong = form.current?.elements.namedItem(first);
      if (wrong instanceof HTMLElement) wrong.focus();
      return;
    }
    chat.kept.set("form", null);
    const answers = fields.map((it) => [it.field, (values[it.field] ?? "").trim()]).filter(([, value]) => value);
    chat.answer(Object.fromEntries(answers) as Record<string, string>);
  };
  return (
    <form class="prechat" ref={form} onSubmit={submit} noValidate>
      <p class="greeting" dir="auto">
        {greeting || say("defaultGreeting")}
      </p>
      <p class="dim">{say("preChat")}</p>
      {fields.map((it) => (
        <Input
          key={it.field}
          field={it}
          value={values[it.field] ?? ""}
          problem={problems.get(it.field)}
          typed={(value) => type(it.field, value)}
        />
      ))}
      <button type="submit" class="main">
        {say("start")}
      </button>
    </form>
  );
}

interface InputProps {
  field: Field;
  value: string;
  problem: string | undefined;
  typed: (value: string) => void;
}

// The types of inputs know only single types: any of these is used as the last one is.
const KINDS: Record<string, { type: "text" | "email" | "tel"; autoComplete: string }> = {
  name: { type: "text", autoComplete: "name" },
  email: { type: "email", autoComplete: "email" },
  phone: { type: "tel", autoComplete: "tel" },
};

function Input({ field, value, problem, typed }: InputProps) {
  const kind = KINDS[field.field] ?? { type: "text" as const, autoComplete: "off" };
  const id = `field-${field.field}`;
  return (
    <div class="field">
      <label for={id}>
        {field.label}
        {!field.required && <span class="dim"> ({say("optional")})</span>}
      </label>
      <input
        id={id}
        name={field.field}
        {...(kind as { type: "tel"; autoComplete: string })}
        dir="auto"
        maxLength={250}
        value={value}
        required={field.required}
        aria-invalid={problem !== undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
        onInput={(event) => typed(event.currentTarget.value)}
      />
      {problem && (
        <p class="problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/** What is wrong with an answer. The server looks closer. */
function problemOf({ field, required }: Field, given: string): [string, string][] {
  const value = given.trim();
  if (!value) return required ? [[field, say("required")]] : [];
  if (field === "email" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) return [[field, say("notAnEmail")]];
  if (field === "phone" && !/^\+?[\d\s()./-]{6,25}$/.test(value)) return [[field, say("notAPhone")]];
  return [];
}

function kept(chat: Chat, name: string): Record<string, string> {
  return (objectIn(chat.kept.get(name) ?? "") ?? {}) as Record<string, string>;
}
