import { expect, test } from "vitest";

const FILES = import.meta.glob<object>("./*/*.json", { eager: true, import: "default" });

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

const rooms = Object.keys(FILES).filter((it) => it.startsWith("./en/"));

test.each(rooms)("%s is said in every language, with the same gaps", (room) => {
  for (const language of ["de", "id"]) {
    const words = FILES[room.replace("/en/", `/${language}/`)];
    expect(keys(words ?? {}), language).toEqual(keys(FILES[room]!));
  }
});

/** "3 mails" is "1 mail" for one: such a text has a form for each number. */
test.each(Object.keys(FILES))("%s counts things in their number", (room) => {
  const bare = (words: object, prefix = ""): string[] =>
    Object.entries(words).flatMap(([name, value]: [string, string | object]) =>
      typeof value === "object"
        ? bare(value, `${prefix}${name}.`)
        : /\{\{count\}\} \p{L}/u.test(value) && !/_(one|other)$/.test(name)
          ? [prefix + name]
          : [],
    );
  expect(bare(FILES[room]!)).toEqual([]);
});
