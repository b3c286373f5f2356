import { expect, test } from "vitest";

import { answers } from "./presence";

function typedIn(html: string): boolean {
  document.body.innerHTML = html;
  const target = document.querySelector("[data-target]");
  return target !== null && answers(target);
}

test("only who writes an answer types for the customer", () => {
  expect(typedIn("<section data-answers><textarea data-target></textarea></section>")).toBe(true);
  expect(typedIn("<section data-answers><p contenteditable='true'><b data-target></b></p></section>")).toBe(true);
  // A copy's address, a private note, what is noted of the customer.
  expect(typedIn("<section data-answers><input data-target></section>")).toBe(false);
  expect(typedIn("<section data-private><textarea data-target></textarea></section>")).toBe(false);
  expect(typedIn("<textarea data-target></textarea>")).toBe(false);
});
