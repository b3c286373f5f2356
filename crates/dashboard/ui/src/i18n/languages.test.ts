import { expect, test } from "vitest";

import de from "./de.json";
import en from "./en.json";
import id from "./id.json";

/** Every key with the names its text fills in; forms of number count as one. */
function keys(words: object, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(words) as [string, string | object][]) {
    if (typeof value === "object") {
      for (const [key, names] of keys(value, `${prefix}${name}.`)) found.set(key, names);
    } else {
      const names = [...value.matchAll(/\{\{(\w+)\}\}/g)].map((it) => it[1]).filter((it) => it !== "count");
      found.set(prefix + name.replace(/_(one|other)$/, ""), names.sort().join());
    }
  }
  return found;
}

test.each([
  ["German", de],
  ["Indonesian", id],
])("%s has every text of English, with the same gaps", (_, words) => {
  expect(keys(words)).toEqual(keys(en));
});
