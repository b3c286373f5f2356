/** How long it takes from a key or a click to the messages of another conversation. */

import { enter, inbox } from "./loads.mjs";

/** Milliseconds somebody looks at what was opened: at leisure, and in a hurry. */
const READS = 1_000;
const HURRIES = 200;
/** Milliseconds a pointer is on a row before it is pressed. */
const RESTS = 150;
/** Rows between one that is clicked and the next, so that no neighbour was fetched ahead. */
const STEP = 3;
/** Pixels. */
const ROW = 88;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function switches(browser, account, count) {
  const found = {};
  await within(browser, account, async (page) => {
    found.first = [await measured(page, () => click(page, 0, RESTS))];
    await pause(READS);
    await page.mouse.move(900, 5);
    const keys = (key, rest) => several(count, rest, () => measured(page, () => page.keyboard.press(key)));
    found.keyUnseen = await keys("j", READS);
    found.keySeen = await keys("k", READS);
    await keys("j", HURRIES);
    found.keyHurried = await keys("j", HURRIES);
  });
  await within(browser, account, async (page) => {
    await measured(page, () => click(page, 0, RESTS));
    await pause(READS);
    const clicks = (first, rest) =>
      several(count, READS, (turn) => measured(page, () => click(page, first + STEP * turn, rest)));
    found.clickUnseen = await clicks(STEP, RESTS);
    found.clickSeen = await clicks(STEP, RESTS);
    found.clickAtOnce = await clicks(STEP * (count + 1), 0);
  });
  return found;
}

async function within(browser, account, does) {
  const context = await enter(browser, account);
  const { page } = await inbox(context, account.base);
  await does(page);
  await context.close();
}

async function several(count, rest, does) {
  const found = [];
  for (let turn = 0; turn < count; turn++) {
    found.push(await does(turn));
    await pause(rest);
  }
  return found;
}

/** Milliseconds from what `does` does to the messages. */
async function measured(page, does) {
  await page.evaluate(() => globalThis.bench.expect());
  await does();
  return page.evaluate(() => globalThis.bench.switched());
}

/** Brings a row into sight, moves the pointer there, and presses it after a while. */
async function click(page, place, rest) {
  const row = await page.evaluate(
    async ([place, height]) => {
      const list = document.querySelector("[role=listbox]");
      const find = () =>
        [...list.querySelectorAll("[role=option]")].find((it) => it.style.transform === `translateY(${place * height}px)`);
      while (!find()) {
        // The rows beyond come with the scrolling.
        list.scrollTop = Math.min((place - 2) * height, list.scrollHeight);
        await new Promise((done) => setTimeout(done, 50));
      }
      find().scrollIntoView({ block: "center" });
      await new Promise((done) => setTimeout(done, 200));
      const { left, top, width } = find().getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    },
    [place, ROW],
  );
  await page.mouse.move(row.x, row.y);
  await pause(rest);
  await page.mouse.down();
  await page.mouse.up();
}
