/** Palette and help sheet, loaded when they are first asked for. */

import { lazy, Suspense, useEffect, useState } from "react";

import { words } from "../i18n";
import { useStore } from "../live/store";
import { help, openPalette, palette } from "./palette";
import { useCommand } from "./registry";

const Palette = lazy(() => Promise.all([import("./Palette"), words("commands")]).then(([it]) => it));
const Help = lazy(() => Promise.all([import("./Help"), words("commands")]).then(([it]) => it));

export function Commands() {
  const asked = useStore(palette) !== undefined;
  const helping = useStore(help);
  const [opened, setOpened] = useState({ palette: false, help: false });
  useCommand("palette", () => openPalette());
  useCommand("help", () => help.set(true));
  useEffect(() => {
    if (asked) setOpened((it) => ({ ...it, palette: true }));
    if (helping) setOpened((it) => ({ ...it, help: true }));
  }, [asked, helping]);
  return (
    <Suspense>
      {opened.palette && <Palette />}
      {opened.help && <Help />}
    </Suspense>
  );
}
