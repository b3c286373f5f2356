/** Everything that can be done or gone to, found by a few letters. Loaded when it is first opened. */

import "@mantine/spotlight/styles.css";

import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { useStore } from "../live/store";
import { Choices } from "./Choices";
import { Everything } from "./Everything";
import { closePalette, palette } from "./palette";
import classes from "./Palette.module.css";

const [store, spotlight] = createSpotlight();

export default function Palette() {
  const { t } = useTranslation("commands");
  const asked = useStore(palette);
  const [query, setQuery] = useState("");
  const page = asked?.page;
  useEffect(() => {
    setQuery("");
    if (page) spotlight.open();
    else spotlight.close();
  }, [page]);
  const label = t(page && page !== "all" ? `ask.${page}` : "ask.all");
  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={closePalette}
      closeOnActionTrigger={false}
      shortcut={null}
      maxHeight="60dvh"
      scrollable
      transitionProps={{ duration: 0 }}
      aria-label={label}
    >
      <Spotlight.Search
        placeholder={label}
        aria-label={label}
        leftSection={<IconSearch size={18} aria-hidden />}
        onKeyDown={(event) => {
          // Out of a question one comes back to everything.
          if (event.key === "Backspace" && query === "" && page !== "all") palette.set({ page: "all" });
        }}
      />
      <Spotlight.ActionsList className={classes.list ?? ""}>
        {page === "all" ? <Everything query={query} /> : page ? <Choices page={page} query={query} /> : null}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
