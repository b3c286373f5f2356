/**
 * A form over something that is stored. While a save is under way one goes on typing, and somebody
 * else may change the same thing: only fields nobody touched here follow what is stored.
 */

import { useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";

export interface Edited<Values extends object> {
  form: Values;
  /** As it is stored. */
  saved: Values;
  changed: boolean;
  setForm: (change: Values | ((now: Values) => Values)) => void;
  put: (part: Partial<Values>) => void;
  discard: () => void;
  /** What was sent is stored, as the server has it now. True when something was typed meanwhile. */
  adopt: (stored: Values, sent: Values) => boolean;
}

/** `told`: what of a form is sent, where it also holds what only the screen needs. */
export function useEdited<Values extends object>(
  stored: Values,
  told: (values: Values) => unknown = (values) => values,
): Edited<Values> {
  const [form, setForm] = useState(stored);
  const [saved, setSaved] = useState(stored);
  const newest = useRef(form);
  newest.current = form;
  const isSame = (one: Values, two: Values) => JSON.stringify(told(one)) === JSON.stringify(told(two));

  function follow(now: Values, from: Values): boolean {
    const next = caughtUp(now, from, newest.current);
    setSaved(now);
    setForm(next);
    return !isSame(next, now);
  }

  // Changed elsewhere, and read again.
  const news = JSON.stringify(told(stored));
  const known = useRef(news);
  useEffect(() => {
    if (known.current === news) return;
    known.current = news;
    if (!isSame(stored, saved)) follow(stored, saved);
  }, [news]);

  return {
    form,
    saved,
    changed: !isSame(form, saved),
    setForm,
    put: (part) => setForm((now) => ({ ...now, ...part })),
    discard: () => setForm(saved),
    // At once: who is told that it is saved may leave.
    adopt: (now, sent) => flushSync(() => follow(now, sent)),
  };
}

/** What is stored, with what was typed since it was sent. */
export function caughtUp<Value>(stored: Value, sent: Value, typed: Value): Value {
  if (JSON.stringify(typed) === JSON.stringify(sent)) return stored;
  if (!isFields(stored) || !isFields(sent) || !isFields(typed)) return typed;
  const names = Object.keys(typed);
  return Object.fromEntries(names.map((name) => [name, caughtUp(stored[name], sent[name], typed[name])])) as Value;
}

const isFields = (it: unknown): it is Record<string, unknown> => typeof it === "object" && it !== null && !Array.isArray(it);
