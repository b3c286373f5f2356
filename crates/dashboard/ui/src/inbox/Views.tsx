/** What there is to look at, with how much waits there. */

import { Button, Text } from "@mantine/core";
import {
  IconArchive,
  IconClock,
  IconInbox,
  IconMail,
  IconMailOpened,
  IconPencil,
  IconSpy,
  IconTag,
  IconUser,
  IconUserQuestion,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { type Filter, isSame } from "../api/filters";
import { counts } from "../api/queries";
import { compose } from "../compose/composing";
import { number } from "../i18n";
import { LinkNav } from "../shell/links";
import { ChannelIcon } from "./channels";
import { SavedViews } from "./SavedViews";

const ICON = { size: 17, "aria-hidden": true } as const;

interface ViewsProps {
  filter: Filter;
  onChosen?: () => void;
}

export const Views = memo(function Views({ filter, onChosen = () => undefined }: ViewsProps) {
  const { t } = useTranslation("inbox");
  const { data } = useQuery(counts);
  const view = (label: string, icon: ReactNode, to: Filter, count?: number) => (
    <View key={JSON.stringify(to)} label={label} icon={icon} to={to} count={count} current={filter} onChosen={onChosen} />
  );
  return (
    <>
      <Button
        fullWidth
        mb="xs"
        variant="default"
        leftSection={<IconPencil {...ICON} />}
        aria-keyshortcuts="c"
        onClick={() => {
          onChosen();
          compose();
        }}
      >
        {t("views.write")}
      </Button>
      {view(t("views.open"), <IconInbox {...ICON} />, { status: "open" }, data?.all.open)}
      {view(t("views.mine"), <IconUser {...ICON} />, { assigned_to: "me", status: "open" }, data?.mine.open)}
      {view(
        t("views.unassigned"),
        <IconUserQuestion {...ICON} />,
        { assigned_to: "none", status: "open" },
        data?.unassigned.open,
      )}
      {view(t("views.unread"), <IconMail {...ICON} />, { unread: "true" }, data?.unread.total)}
      {view(t("views.pending"), <IconMailOpened {...ICON} />, { status: "pending" }, data?.all.pending)}
      {view(t("views.snoozed"), <IconClock {...ICON} />, { status: "snoozed" }, data?.all.snoozed)}
      {view(t("views.resolved"), <IconArchive {...ICON} />, { status: "resolved" })}
      {view(t("views.spam"), <IconSpy {...ICON} />, { spam: "true" })}
      <SavedViews filter={filter} onChosen={onChosen} />
      {data && data.channels.length > 0 && <Heading>{t("views.channels")}</Heading>}
      {data?.channels.map((it) =>
        view(it.name, <ChannelIcon type={it.type} size={17} />, { channel_id: it.id, status: "open" }, it.counts.open),
      )}
      {data && data.tags.length > 0 && <Heading>{t("views.tags")}</Heading>}
      {data?.tags.map((it) => view(it.name, <IconTag {...ICON} color={it.color} />, { tag: it.name }))}
    </>
  );
});

interface ViewProps {
  label: string;
  icon: ReactNode;
  to: Filter;
  count: number | undefined;
  current: Filter;
  onChosen: () => void;
}

function View({ label, icon, to, count, current, onChosen }: ViewProps) {
  // A view stays chosen while something is searched for in it.
  const active = !current.view && isSame(to, { ...current, search: undefined, sort: undefined });
  return (
    <LinkNav
      to="/inbox"
      // What is active we say ourselves: to the router a part of the address would do.
      activeOptions={{ exact: true }}
      search={to}
      label={label}
      leftSection={icon}
      rightSection={
        count ? (
          <Text component="span" size="xs" c="dimmed">
            {number(count)}
          </Text>
        ) : null
      }
      active={active}
      aria-current={active ? "page" : undefined}
      onClick={onChosen}
    />
  );
}

function Heading({ children }: { children: ReactNode }) {
  return (
    <Text component="h2" size="xs" fw={600} c="dimmed" mt="sm" mb={4} px="xs">
      {children}
    </Text>
  );
}
