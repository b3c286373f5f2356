import { expect, test } from "vitest";

import { type Heard, reader } from "./events";

const STREAM = "retry: 1000\n: beat\n\nid: 7\nevent: message\ndata: {\"a\":\ndata: 1}\n\nevent: typing\r\ndata:x\r\n\r\ndata: bare\rid: 9\r\r";
const HEARD: Heard[] = [
  { name: "message", data: '{"a":\n1}', id: "7" },
  { name: "typing", data: "x", id: "7" },
  { name: "message", data: "bare", id: "9" },
];

test("events are the same wherever the stream is cut", () => {
  // The end of the last one may be half of a CRLF until more comes.
  const whole = `${STREAM}: more`;
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const heard: Heard[] = [];
    const take = reader((it) => heard.push(it));
    take(whole.slice(0, cut));
    take(whole.slice(cut));
    expect(heard, `cut at ${cut}`).toEqual(HEARD);
  }
});

test("an event that never ended is not told, nor one without data", () => {
  const heard: Heard[] = [];
  const take = reader((it) => heard.push(it));
  take("event: reset\n\ndata: half");
  expect(heard).toEqual([]);
  take("\n\n");
  expect(heard).toEqual([{ name: "message", data: "half", id: null }]);
});
