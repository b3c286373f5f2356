/** What was measured, as a table in Markdown. */

import { cpus, totalmem } from "node:os";

const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
const quantile = (numbers, part) => sorted(numbers)[Math.max(0, Math.ceil(numbers.length * part) - 1)];

/** Milliseconds, and bytes. */
const MOST = { interactive: 1_000, switch: 100, script: 250_000 };

const SWITCHES = {
  keyUnseen: "next conversation by key, one a second, not seen before",
  keyHurried: "next conversation by key, five a second, not seen before",
  keySeen: "previous conversation by key, seen before",
  clickUnseen: "conversation by click, not seen before",
  clickAtOnce: "the same, pressed as soon as the pointer is there",
  clickSeen: "conversation by click, seen before",
};

export function report(browser, { cold, warm }, switched) {
  const rows = [
    timed("inbox, nothing cached: first rows drawn", cold.map((it) => it.shown)),
    timed("inbox, nothing cached: interactive", cold.map((it) => it.interactive), MOST.interactive),
    timed("inbox, files cached: first rows drawn", warm.map((it) => it.shown)),
    timed("inbox, files cached: interactive", warm.map((it) => it.interactive), MOST.interactive),
    script(Math.max(...cold.map((it) => it.script))),
    timed("first conversation, with the code of the thread", switched.first),
    ...Object.entries(SWITCHES).map(([name, what]) => timed(what, switched[name], MOST.switch)),
  ];
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return [
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0].model}), ${memory}, Chromium ${browser}`,
    "",
    "| what | median | p90 | target | met |",
    "| --- | ---: | ---: | ---: | :-: |",
    ...rows.map((it) => `| ${it.join(" | ")} |`),
  ].join("\n");
}

/** The median is what the target is for. */
function timed(what, all, most) {
  const [half, tail] = [quantile(all, 0.5), quantile(all, 0.9)].map(Math.round);
  const times = [`${half} ms`, all.length > 1 ? `${tail} ms` : ""];
  return [what, ...times, ...(most ? [`≤ ${most} ms`, met(half <= most)] : ["", ""])];
}

const script = (bytes) => [
  "JavaScript on the wire until then",
  `${bytes.toLocaleString("en")} B`,
  "",
  `≤ ${MOST.script.toLocaleString("en")} B`,
  met(bytes <= MOST.script),
];

const met = (it) => (it ? "yes" : "**no**");
