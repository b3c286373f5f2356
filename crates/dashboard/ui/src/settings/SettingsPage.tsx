/** The sections left, the open one right; one at a time where there is no room. */

import { Text, Title } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { CatchBoundary, useParams } from "@tanstack/react-router";
import { type ComponentType, lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { me } from "../api/queries";
import { words } from "../i18n";
import { Failed } from "../shell/Failed";
import { LinkAnchor, LinkNav } from "../shell/links";
import { Lost } from "../shell/Lost";
import { type Section, type SectionProps, SECTIONS } from "./sections";
import classes from "./SettingsPage.module.css";

const PAGES = new Map<string, ComponentType<SectionProps>>(
  SECTIONS.map((it) => [it.path, lazy(() => Promise.all([it.load(), words(...it.words)]).then(([page]) => page))]),
);

export function SettingsPage() {
  const { t } = useTranslation("settings");
  const { section, item } = useParams({ strict: false });
  const { data: agent } = useSuspenseQuery(me);
  const mine = SECTIONS.filter((it) => it.of === "you" || it.open || agent?.role === "admin");
  const open = mine.find((it) => it.path === section);
  const Page = open && PAGES.get(open.path);
  return (
    <div className={classes.settings} data-open={section ? "" : undefined}>
      <nav className={classes.sections} aria-label={t("title")}>
        <Sections title={t("personal")} sections={mine.filter((it) => it.of === "you")} />
        <Sections title={t("workspace")} sections={mine.filter((it) => it.of === "workspace")} />
      </nav>
      <main className={classes.page}>
        {section && !item && (
          <LinkAnchor to="/settings" size="sm" className={classes.back}>
            <IconChevronLeft size={16} aria-hidden />
            {t("back")}
          </LinkAnchor>
        )}
        <CatchBoundary getResetKey={() => `${section}/${item}`} errorComponent={Failed}>
          <Suspense>{Page ? <Page item={item} key={section} /> : section ? <Lost /> : <Nothing />}</Suspense>
        </CatchBoundary>
      </main>
    </div>
  );
}

function Sections({ title, sections }: { title: string; sections: readonly Section[] }) {
  const { t } = useTranslation("settings");
  if (sections.length === 0) return null;
  return (
    <>
      <Text component="h2" size="xs" fw={600} c="dimmed" mt="sm" mb={4} px="xs">
        {title}
      </Text>
      {sections.map((it) => (
        <LinkNav
          key={it.path}
          to="/settings/$section"
          params={{ section: it.path }}
          label={t(`sections.${it.path}`)}
          activeProps={{ active: true }}
        />
      ))}
    </>
  );
}

function Nothing() {
  const { t } = useTranslation("settings");
  return (
    <>
      <Title order={1} size="h3">
        {t("title")}
      </Title>
      <Text c="dimmed">{t("choose")}</Text>
    </>
  );
}
