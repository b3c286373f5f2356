/**
 * Changes in a row, e.g. what ten rules did to a conversation, take one line until somebody wants to see
 * them: people read messages. What a customer said and what went wrong is never folded.
 */

import type { Message } from "../api/queries";

type Kind = NonNullable<Message["event"]>["kind"];

const QUIET: ReadonlySet<Kind> = new Set([
  "taken",
  "assigned",
  "unassigned",
  "status_set",
  "snooze_over",
  "priority_set",
  "tag_added",
  "tag_removed",
]);

/** Fewer lines than these stand for themselves. */
const LEAST = 3;

/** Messages as they are shown one after another; a list of them is shown as one line. */
export function folded(all: Message[]): (Message | Message[])[] {
  const rows: (Message | Message[])[] = [];
  let run: Message[] = [];
  const end = () => {
    rows.push(...(run.length < LEAST ? run : [run]));
    run = [];
  };
  for (const it of all) {
    if (it.event && QUIET.has(it.event.kind)) {
      run.push(it);
    } else {
      end();
      rows.push(it);
    }
  }
  // The newest is what somebody just did, or waits for.
  const newest = run.pop();
  end();
  if (newest) rows.push(newest);
  return rows;
}
