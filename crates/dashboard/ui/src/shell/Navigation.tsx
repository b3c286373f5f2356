/** The rooms of the dashboard, side by side in the bar. */

import { IconAddressBook, IconChartBar, IconInbox, IconSettings, type IconProps } from "@tabler/icons-react";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";

import { LinkBar } from "./links";
import classes from "./Navigation.module.css";

const ROOMS = [
  { to: "/inbox", search: { status: "open" }, name: "inbox", Icon: IconInbox },
  { to: "/contacts", search: {}, name: "contacts", Icon: IconAddressBook },
  { to: "/analytics", search: {}, name: "analytics", Icon: IconChartBar },
  { to: "/settings", search: {}, name: "settings", Icon: IconSettings },
] as const satisfies { to: string; search: object; name: string; Icon: ComponentType<IconProps> }[];

export function Navigation() {
  const { t } = useTranslation();
  return (
    <nav className={classes.rooms} aria-label={t("shell.nav.main")}>
      {ROOMS.map(({ to, search, name, Icon }) => (
        <LinkBar
          key={to}
          to={to}
          search={search}
          className={classes.room}
          activeOptions={{ includeSearch: false }}
          activeProps={{ "data-active": "", "aria-current": "page" }}
          aria-label={t(`shell.nav.${name}`)}
        >
          <Icon size={18} aria-hidden />
          <span className={classes.name}>{t(`shell.nav.${name}`)}</span>
        </LinkBar>
      ))}
    </nav>
  );
}
