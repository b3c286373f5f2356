/** What changed, from what to what. */

import { Text } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import classes from "./Audit.module.css";

export function Details({ details }: { details: Record<string, unknown> }) {
  const { t } = useTranslation("audit");
  const changes = changesOf(details);
  const secrets = secretsOf(details);
  const { before: _, after: __, changes: ___, fields, ...rest } = details;
  const others = Object.entries(rest);
  // Where each change is shown, its field need not be named once more.
  const shownAlready = changes.length + secrets.length > 0;
  const named = Array.isArray(fields) && !shownAlready ? fields.map(String) : [];
  if (!shownAlready && others.length === 0 && named.length === 0) return null;
  return (
    <Text component="div" size="xs" c="dimmed" className={classes.details}>
      {named.length > 0 && <div>{t("fields", { names: named.map(readable).join(", ") })}</div>}
      {changes.map((it) => (
        <div key={it.name} className={classes.change}>
          {it.name && <span>{readable(it.name)}:</span>}
          <del>{shown(it.before) || t("nothing")}</del>
          <IconArrowRight size={12} aria-label={t("became")} />
          <ins>{shown(it.after) || t("nothing")}</ins>
        </div>
      ))}
      {secrets.map((it) => (
        <div key={it.name}>
          {readable(it.name)}: {t(`secret.${it.became}`)}
        </div>
      ))}
      {others.map(([name, value]) => (
        <div key={name}>
          {readable(name)}: {shown(value)}
        </div>
      ))}
    </Text>
  );
}

interface Change {
  name: string;
  before: unknown;
  after: unknown;
}

/** `before` and `after` of one thing, or a pair for each field. */
export function changesOf(details: Record<string, unknown>): Change[] {
  const { before, after, changes } = details;
  if (isObject(changes)) {
    return Object.entries(changes).flatMap(([name, pair]) =>
      isObject(pair) ? [{ name, before: pair["before"] ?? pair["from"], after: pair["after"] ?? pair["to"] }] : [],
    );
  }
  if (before === undefined && after === undefined) return [];
  if (isObject(before) || isObject(after)) {
    const [was, is] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    return names.map((name) => ({ name, before: was[name], after: is[name] }));
  }
  return [{ name: "", before, after }];
}

const BECAME = ["set", "changed", "cleared"] as const;

interface Secret {
  name: string;
  became: (typeof BECAME)[number];
}

/** Passwords and keys: only that they changed is told. */
export function secretsOf({ changes }: Record<string, unknown>): Secret[] {
  if (!isObject(changes)) return [];
  return Object.entries(changes).flatMap(([name, word]) => {
    const became = BECAME.find((it) => it === word);
    return became ? [{ name, became }] : [];
  });
}

const isObject = (it: unknown): it is Record<string, unknown> => typeof it === "object" && it !== null && !Array.isArray(it);

/** A value in a line, whatever it is made of. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.map(shown).join(", ");
  if (!isObject(value)) return String(value as string | number | boolean);
  const { from, to, ...rest } = value;
  const parts = typeof from === "string" && typeof to === "string" ? rest : value;
  const named = Object.entries(parts).map(([name, part]) => [readable(name), shown(part)] as const);
  const said = named.filter(([, part]) => part).map(([name, part]) => `${name}: ${part}`);
  // Open hours, above all.
  return [...(parts === rest ? [`${String(from)}–${String(to)}`] : []), ...said].join("; ");
}

const readable = (name: string): string => name.replaceAll("_", " ");
