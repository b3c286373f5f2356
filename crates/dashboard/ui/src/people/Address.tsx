import { Fragment } from "react";

/** A long address breaks before its @, not in the middle of a word. */
export function Address({ text }: { text: string }) {
  return text.split(/(?=@)/).map((part, at) => (
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
