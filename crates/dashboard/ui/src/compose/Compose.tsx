/** Writing to somebody first: a window that is loaded when it is first asked for. */

import { lazy, Suspense } from "react";

import { useCommand } from "../commands/registry";
import { words } from "../i18n";
import { useStore } from "../live/store";
import { compose, composing } from "./composing";

const ComposeDialog = lazy(() =>
  Promise.all([import("./ComposeDialog"), words("compose")]).then(([it]) => ({ default: it.ComposeDialog })),
);

export function Compose() {
  const open = useStore(composing);
  useCommand("compose", () => compose());
  return <Suspense>{open && <ComposeDialog />}</Suspense>;
}
