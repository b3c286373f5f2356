import { MantineProvider } from "@mantine/core";
import { render } from "@testing-library/react";
import { beforeAll, expect, test, vi } from "vitest";

import { Linked } from "./Linked";

beforeAll(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }));
});

test("web addresses are links, and every letter is kept", () => {
  const text = "See https://shop.example/a?b=1, (http://x.example). Not javascript:alert(1), nor https://";
  const { container } = render(<Linked text={text} />, { wrapper: MantineProvider });
  const links = [...container.querySelectorAll("a")];
  expect(links.map((it) => it.getAttribute("href"))).toEqual(["https://shop.example/a?b=1", "http://x.example"]);
  expect(links.every((it) => it.rel.includes("noopener") && it.target === "_blank")).toBe(true);
  expect(container.textContent).toContain(text);
});
