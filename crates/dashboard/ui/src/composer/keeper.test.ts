import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ApiError } from "../api/client";
import * as local from "../lib/drafts";
import { BLANK, type Content } from "./content";
import { type Draft, Keeper, type State } from "./keeper";

const typed = (text: string): Content => ({ ...BLANK, text });
const stored = (version: number, text: string): Draft => ({
  conversation_id: "c",
  kind: "reply",
  text,
  html: null,
  cc: [],
  bcc: [],
  attachments: [],
  version,
  updated_at: null,
});

let told: State[];
let other: Draft | undefined;
let server: Draft;
let reachable: boolean;
let keeper: Keeper;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  told = [];
  other = undefined;
  server = stored(0, "");
  reachable = true;
  keeper = made();
});
afterEach(() => vi.useRealTimers());

/** A window on the same draft. */
function made(): Keeper {
  const check = (version: number) => {
    if (!reachable) throw new TypeError("offline");
    if (version !== server.version) throw new ApiError(409, { error: "changed", draft: server } as never);
  };
  return new Keeper(
    "c",
    {
      put: async (content, version) => {
        check(version);
        server = stored(server.version + 1, content.text);
        return server;
      },
      remove: async (version) => {
        check(version);
        server = stored(0, "");
      },
    },
    (state, draft) => {
      told.push(state);
      other = draft;
    },
  );
}

const rest = () => vi.advanceTimersByTimeAsync(10_000);

test("what is typed is saved after a rest, and gone once it is taken away", async () => {
  expect(keeper.start(server)).toEqual(BLANK);
  keeper.change(typed("Hel"));
  keeper.change(typed("Hello"));
  expect(local.load("c")?.content.text).toBe("Hello");
  await rest();
  expect([server.text, server.version]).toEqual(["Hello", 1]);
  expect(local.load("c")).toBeUndefined();
  keeper.change(typed(" "));
  await rest();
  expect(server.version).toBe(0);
  expect(told).toEqual(["clean", "unsaved", "unsaved", "saving", "saved", "unsaved", "saving", "clean"]);
});

test("offline it stays in the browser and is saved later", async () => {
  keeper.start(server);
  reachable = false;
  keeper.change(typed("Hello"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told.at(-1)).toBe("offline");
  // The page is closed and opened again.
  await keeper.settle();
  const next = made();
  expect(next.start(server).text).toBe("Hello");
  reachable = true;
  await rest();
  expect(server.text).toBe("Hello");
});

test("two windows ask before one writes over the other", async () => {
  server = stored(3, "one");
  expect(keeper.start(server).text).toBe("one");
  server = stored(4, "two");
  keeper.change(typed("three"));
  await rest();
  expect([told.at(-1), other?.text, server.text]).toEqual(["conflict", "two", "two"]);
  keeper.change(typed("three!"));
  await rest();
  expect(server.text).toBe("two");
  keeper.insist(other!);
  await rest();
  expect(server.text).toBe("three!");

  const idle = made();
  idle.start(server);
  server = stored(9, "elsewhere");
  expect(idle.adopt(server)?.text).toBe("elsewhere");
  expect(idle.adopt(server)).toBeUndefined();
});

test("what was saved while the page was left is no other text", () => {
  local.keep("c", { content: typed("Hello"), version: 0 });
  server = stored(5, "Hello");
  expect(keeper.start(server).text).toBe("Hello");
  expect([told.at(-1), local.load("c")]).toEqual(["saved", undefined]);
});

test("nothing is saved after it was sent", async () => {
  keeper.start(server);
  keeper.change(typed("Hello"));
  await keeper.settle();
  server = stored(0, "");
  keeper.sent();
  await rest();
  expect([server.version, local.load("c")]).toEqual([0, undefined]);
});

test("what is typed while it is sent waits, and is a draft of its own then", async () => {
  keeper.start(server);
  keeper.change(typed("Hello"));
  await rest();
  await keeper.settle();
  keeper.change(typed("Hello and"));
  await rest();
  expect([server.text, local.load("c")?.content.text]).toEqual(["Hello", "Hello and"]);
  server = stored(0, "");
  keeper.sent(typed("and"));
  await rest();
  expect([server.text, server.version]).toEqual(["and", 1]);
});

test("what could not be sent is saved", async () => {
  keeper.start(server);
  await keeper.settle();
  keeper.change(typed("Hello"));
  await rest();
  expect(server.version).toBe(0);
  keeper.resume();
  await rest();
  expect(server.text).toBe("Hello");
});

test("a draft that comes late is shown unless somebody began", async () => {
  server = stored(3, "from elsewhere");
  keeper.start(stored(0, ""));
  expect(keeper.meet(server)?.text).toBe("from elsewhere");

  const second = made();
  second.start(stored(0, ""));
  second.change(typed("begun here"));
  expect(second.meet(server)).toBeUndefined();
  await second.flush();
  expect([told.at(-1), other?.text, local.load("c")?.content.text]).toEqual(["conflict", "from elsewhere", "begun here"]);
});

test("an answer that was on its way does not undo what was saved meanwhile", async () => {
  keeper.start(stored(0, ""));
  keeper.change(typed("begun here"));
  await keeper.flush();
  expect(keeper.meet(stored(0, ""))).toBeUndefined();
  expect(server.text).toBe("begun here");
});
