/** Around every page of a signed-in agent: the account, the look, the language, the connection. */

import { ActionIcon, Avatar, Box, Menu, Text, useMantineColorScheme } from "@mantine/core";
import { IconCommand, IconLogout, IconMenu2, IconMoon, IconSun, IconUser } from "@tabler/icons-react";
import { useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useNavigate, useRouter } from "@tanstack/react-router";
import { createContext, useContext, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { complain } from "../api/changes";
import { me, noticeExit } from "../api/queries";
import { Commands } from "../commands/Commands";
import { openPalette } from "../commands/palette";
import { Compose } from "../compose/Compose";
import { choose, LANGUAGES, type Language } from "../i18n";
import { useLive } from "../live/stream";
import { Bell } from "../notices/Bell";
import { useAlerts } from "../notices/useAlerts";
import { useKeys } from "./commands";
import { Connection } from "./Connection";
import { bringFocusHome } from "./focus";
import { Navigation } from "./Navigation";
import classes from "./Shell.module.css";

/** Whether the views are shown where there is no room beside the list. */
const ViewsContext = createContext<{ open: boolean; close: () => void }>({ open: false, close: () => undefined });
export const useViewsDrawer = () => useContext(ViewsContext);

export function Shell() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  useEffect(bringFocusHome, []);
  const atInbox = useLocation({ select: ({ pathname }) => /^\/inbox(\/|$)/.test(pathname) });
  return (
    <ViewsContext value={{ open, close: () => setOpen(false) }}>
      <div className={classes.shell}>
        <header className={classes.bar}>
          {atInbox && (
            <ActionIcon
              hiddenFrom="md"
              variant="subtle"
              color="gray"
              aria-label={t("shell.views")}
              onClick={() => setOpen(true)}
            >
              <IconMenu2 size={20} />
            </ActionIcon>
          )}
          <Text component="span" fw={700} size="sm" visibleFrom="sm">
            Deskbell
          </Text>
          <Navigation />
          <Box flex={1} />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            title={t("shell.commands")}
            aria-label={t("shell.commands")}
            aria-keyshortcuts="Control+K"
            onClick={() => openPalette()}
          >
            <IconCommand size={18} />
          </ActionIcon>
          <Bell />
          <Account />
        </header>
        <Connection />
        <Commands />
        <Compose />
        <Beside />
        <div className={classes.page}>
          <Outlet />
        </div>
      </div>
    </ViewsContext>
  );
}

/** What goes on beside every page. On its own, so that its news draw nothing else anew. */
function Beside() {
  useLive();
  useSignedIn();
  useKeys();
  useAlerts();
  return null;
}

/** Whose session is over has to come in again; what they typed waits for them. */
function useSignedIn(): void {
  const navigate = useNavigate();
  const { data: agent } = useQuery(me);
  const gone = agent === null;
  useEffect(() => {
    const next = location.pathname + location.search;
    if (gone) void navigate({ to: "/sign-in", search: { next } });
  }, [gone, navigate]);
}

function Account() {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const { data: agent } = useSuspenseQuery(me);
  const { colorScheme, setColorScheme } = useMantineColorScheme();

  async function signOut() {
    // First away from forms: one with something unsaved asks, and drafts are saved on the way out.
    await navigate({ to: "/inbox", search: { status: "open" } });
    if (!router.state.location.pathname.startsWith("/inbox")) return;
    try {
      await answer(api.POST("/api/auth/logout"));
    } catch (error) {
      complain(error);
      return;
    }
    noticeExit();
    client.clear();
    await navigate({ to: "/sign-in" });
  }

  const dark = colorScheme === "dark";
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="transparent" size="lg" aria-label={t("shell.account")}>
          <Avatar name={agent?.name ?? ""} size={30} color="initials" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{agent?.email}</Menu.Label>
        <Menu.Item
          leftSection={<IconUser size={16} />}
          onClick={() => void navigate({ to: "/settings/$section", params: { section: "profile" } })}
        >
          {t("shell.nav.profile")}
        </Menu.Item>
        <Menu.Item
          leftSection={dark ? <IconSun size={16} /> : <IconMoon size={16} />}
          onClick={() => setColorScheme(dark ? "light" : "dark")}
        >
          {dark ? t("shell.light") : t("shell.dark")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("shell.language")}</Menu.Label>
        {(Object.entries(LANGUAGES) as [Language, string][]).map(([code, name]) => (
          <Menu.Item key={code} fw={i18n.language === code ? 600 : 400} onClick={() => void choose(code)}>
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t("shell.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
