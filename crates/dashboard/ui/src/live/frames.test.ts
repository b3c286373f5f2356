import { expect, test } from "vitest";

import { Reader } from "./frames";

test("frames are read wherever the bytes were cut", () => {
  const text = 'retry: 1500\n\nid: 7\nevent: ready\ndata: {}\n\n:\n\nevent: presence\r\ndata: {"a":"b: c"}\r\n\r\nid: 8\n\n';
  for (const size of [1, 3, text.length]) {
    const reader = new Reader();
    const frames = [];
    for (let at = 0; at < text.length; at += size) frames.push(...reader.read(text.slice(at, at + size)));
    expect(frames, String(size)).toEqual([
      { id: "7", event: "ready", data: "{}" },
      { id: "7", event: "presence", data: '{"a":"b: c"}' },
    ]);
    expect(reader.retry).toBe(1500);
  }
});
