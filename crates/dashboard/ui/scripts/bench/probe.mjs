/** What is put into each page before its own scripts: it notes when something can be seen and done. */

/** Is sent to the page as text, so it uses nothing from outside of itself. */
export function probe() {
  const tasks = [];
  new PerformanceObserver((list) => {
    for (const it of list.getEntries()) tasks.push({ from: it.startTime, to: it.startTime + it.duration });
  }).observe({ type: "longtask", buffered: true });

  /** After the frame in which `is` became true was drawn: its time, in milliseconds since the page was asked for. */
  const painted = (is) =>
    new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      // The first task after a frame's callbacks runs when the frame was handed over.
      port1.onmessage = () => done(performance.now());
      const look = () => {
        if (!is()) return;
        watcher.disconnect();
        requestAnimationFrame(() => port2.postMessage(0));
      };
      const watcher = new MutationObserver(look);
      watcher.observe(document, { childList: true, subtree: true, attributes: true });
      look();
    });

  const rest = (ms) => new Promise((done) => setTimeout(done, ms));
  const row = () => document.querySelector("[role=option]");
  const listed = painted(() => row() !== null);

  /** Resolves once nothing has taken the main thread for longer than 50 ms in the last `quiet` milliseconds. */
  async function interactive(quiet) {
    const shown = await listed;
    for (let free = shown; ; ) {
      await rest(free + quiet - performance.now());
      const last = tasks.at(-1)?.to ?? 0;
      if (last <= free) return { shown, interactive: free, ...reachable(free) };
      free = last;
    }
  }

  /** Whether a click would meet the first row, and what had been loaded by then. */
  function reachable(then) {
    const { left, top, width, height } = row().getBoundingClientRect();
    const met = document.elementFromPoint(left + width / 2, top + height / 2);
    const loaded = performance.getEntriesByType("resource").filter((it) => it.responseEnd <= then);
    const scripts = loaded.filter((it) => /\.js$/.test(it.name));
    return {
      clickable: row().contains(met),
      script: scripts.reduce((sum, it) => sum + it.encodedBodySize, 0),
    };
  }

  let switching;

  /** Begins to wait for a key or a click, and for what it brings. */
  function expect() {
    const messages = () => [...document.querySelectorAll("[role=log] article")];
    const old = new Set(messages());
    const others = () => messages().length > 0 && messages().every((it) => !old.has(it));
    const began = new Promise((done) => {
      const note = (event) => {
        for (const name of ["keydown", "click"]) removeEventListener(name, note, true);
        done(event.timeStamp);
      };
      for (const name of ["keydown", "click"]) addEventListener(name, note, true);
    });
    switching = began.then(async (from) => (await painted(others)) - from);
  }

  /** From that to the messages of another conversation, in milliseconds. */
  const switched = () => switching;

  globalThis.bench = { interactive, expect, switched };
}
