import { MantineProvider } from "@mantine/core";
import { render } from "@testing-library/react";
import { beforeAll, expect, test, vi } from "vitest";

import { RichText } from "./RichText";

beforeAll(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }));
});

test("formats are shown and nothing else", () => {
  const html =
    '<p onclick="x()">Hello <b>you</b><script>alert(1)</script><br><a href="javascript:x">a</a>' +
    '<a href="https://x.example">b</a><img src="https://x.example/t.gif"><img src="/api/attachments/1/picture" alt="p">' +
    '<iframe src="/x"></iframe><font>c</font></p>';
  const { container } = render(<RichText html={html} />, { wrapper: MantineProvider });
  const text = container.querySelector("p")!;
  expect(text.textContent).toBe("Hello youabc");
  expect(text.querySelector("script, iframe, font, [onclick]")).toBeNull();
  expect([...text.querySelectorAll("a")].map((it) => it.getAttribute("href"))).toEqual(["https://x.example"]);
  expect([...text.querySelectorAll("img")].map((it) => it.getAttribute("src"))).toEqual(["/api/attachments/1/picture"]);
});
