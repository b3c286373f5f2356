import { expect, test } from "vitest";

import { standIn } from "./shape";

const picture = (attributes: string): HTMLImageElement => {
  const { body } = new DOMParser().parseFromString(`<img ${attributes}>`, "text/html");
  return body.firstElementChild as HTMLImageElement;
};

test("what stands in for a picture has its size, where the mail names that", () => {
  const sized = decodeURIComponent(standIn(picture('width="600" height="200"')));
  expect(sized).toContain('<svg xmlns="http://www.w3.org/2000/svg" width="600" height="200"/>');
  for (const unsized of ["", 'width="600"', 'width="100%" height="20"', 'width="0" height="20"', 'width="-1" height="-1"']) {
    expect(standIn(picture(unsized)), unsized).toMatch(/^data:image\/gif/);
  }
});
