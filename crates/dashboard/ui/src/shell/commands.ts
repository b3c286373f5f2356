/** Commands that are there on every page, and the keys for all of them. */

import { useMantineColorScheme } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";

import type { Filter } from "../api/filters";
import { listenToKeys } from "../commands/keyboard";
import { useCommand } from "../commands/registry";
import { preferences } from "../lib/preferences";

export function useKeys(): void {
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const inbox = (search: Filter) => () => void navigate({ to: "/inbox", search });
  useCommand("goOpen", inbox({ status: "open" }));
  useCommand("goMine", inbox({ assigned_to: "me", status: "open" }));
  useCommand("goUnassigned", inbox({ assigned_to: "none", status: "open" }));
  useCommand("goSnoozed", inbox({ status: "snoozed" }));
  useCommand("goContacts", () => void navigate({ to: "/contacts" }));
  useCommand("goAnalytics", () => void navigate({ to: "/analytics" }));
  useCommand("goSettings", () => void navigate({ to: "/settings" }));
  useCommand("theme", () => setColorScheme(colorScheme === "dark" ? "light" : "dark"));
  useEffect(() => listenToKeys(() => preferences.get().keys), []);
}
