import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type Api, type Message, type NewMessage, Refused, Unreached } from "./api";
import { kept } from "./kept";
import { newId } from "../../src/lib/ids";
import { Outbox } from "./outbox";

const none = new Map<string, string>();
let asked: NewMessage[];
let sent: Message[];
let sessions: (string | null)[];
let misformed: ReadonlyMap<string, string> | null;
let answer: (message: NewMessage) => Message;

const fine = (it: NewMessage): Message => ({
  id: newId(),
  from: "visitor",
  author: null,
  text: it.text,
  html: null,
  attachments: [],
  created_at: "2026-01-01T10:00:00.000Z",
  client_id: it.client_id,
});
const refuses = (status: number, fields: [string, string][] = [], retryAfter: number | null = null) => () => {
  throw new Refused(status, "no", retryAfter, new Map(fields));
};

function outbox(): Outbox {
  const api = {
    token: "t",
    send: async (it: NewMessage) => {
      asked.push(it);
      return answer(it);
    },
  } as unknown as Api;
  const keep = () => undefined;
  return new Outbox(api, kept("one", { kept: none, keep }), {
    session: async (refused) => void sessions.push(refused),
    preChat: () => undefined,
    sent: (it) => void sent.push(it),
    changed: () => undefined,
    misformed: (it) => (misformed = it),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  [asked, sent, sessions, misformed, answer] = [[], [], [], null, fine];
});
afterEach(() => vi.useRealTimers());

test("messages go one after the other, as they were written", async () => {
  const it = outbox();
  it.add("one", [], false);
  it.add("two", [], true);
  await vi.runAllTimersAsync();
  expect(sent.map((message) => message.text)).toEqual(["one", "two"]);
  expect(asked.map((message) => message.new_conversation)).toEqual([undefined, true]);
  expect(it.waiting).toEqual([]);
});

test("without a connection a message waits, survives a reload, and is the same when it goes", async () => {
  answer = () => {
    throw new Unreached();
  };
  const before = outbox();
  before.add("still here", [], false);
  await vi.advanceTimersByTimeAsync(100);
  expect(before.waiting[0]).toMatchObject({ waits: true, failed: null });
  const first = asked[0]?.client_id;

  answer = fine;
  const after = outbox();
  await after.flush();
  expect(asked.at(-1)).toMatchObject({ text: "still here", client_id: first });
  expect(outbox().waiting).toEqual([]);
});

test("a busy server is asked again when it said", async () => {
  answer = refuses(429, [], 9_000);
  const it = outbox();
  it.add("patience", [], false);
  await vi.advanceTimersByTimeAsync(8_000);
  expect(asked).toHaveLength(1);
  answer = fine;
  await vi.advanceTimersByTimeAsync(1_500);
  expect(sent).toHaveLength(1);
});

test("an unknown token is replaced once", async () => {
  answer = refuses(401);
  const it = outbox();
  it.add("who am I", [], false);
  await vi.advanceTimersByTimeAsync(100);
  expect(sessions).toEqual([null, "t", null]);
  expect(it.waiting[0]?.failed).toBe("no");
});

test("what is refused stays, says why, and holds up nothing", async () => {
  answer = (message) => (message.text === "bad" ? refuses(400)() : fine(message));
  const it = outbox();
  it.add("bad", [], false);
  it.add("good", [], false);
  await vi.runAllTimersAsync();
  expect(sent.map((message) => message.text)).toEqual(["good"]);
  expect(it.waiting).toMatchObject([{ text: "bad", failed: "no" }]);
  answer = fine;
  it.retry(it.waiting[0]!.clientId);
  await vi.runAllTimersAsync();
  expect(it.waiting).toEqual([]);
});

test("an answer of the form that is refused goes back to the form", async () => {
  answer = refuses(400, [["pre_chat.email", "is no address"]]);
  const it = outbox();
  it.add("hello", [], false);
  await vi.advanceTimersByTimeAsync(100);
  expect(misformed).toEqual(new Map([["email", "is no address"]]));
  expect(it.waiting[0]?.failed).toBeNull();
});
