/** The first page of the palette: commands, views, and what a search finds. */

import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight } from "@mantine/spotlight";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { answer, api } from "../api/client";
import { type Filter, ofView } from "../api/filters";
import { type Contact, views } from "../api/queries";
import { useStore } from "../live/store";
import { nameOf } from "../people/names";
import { useTitleOf } from "../people/titles";
import { COMMANDS, GROUPS } from "./catalog";
import { Keys } from "./Keys";
import { matches } from "./matching";
import { closePalette } from "./palette";
import { available, run } from "./registry";

/** Letters from which on a search pays. */
const LEAST = 2;

export function Everything({ query }: { query: string }) {
  const { t } = useTranslation("commands");
  const can = useStore(available);
  const able = COMMANDS.filter(([id, it]) => can.has(id) && !it.keyOnly && matches(t(`names.${id}`), query));
  return (
    <>
      {GROUPS.map((group) => {
        const mine = able.filter(([, it]) => it.group === group);
        return (
          mine.length > 0 && (
            <Spotlight.ActionsGroup key={group} label={t(`groups.${group}`)}>
              {mine.map(([id, it]) => (
                <Spotlight.Action
                  key={id}
                  label={t(`names.${id}`)}
                  rightSection={it.keys?.[0] && <Keys keys={it.keys[0]} />}
                  onClick={() => {
                    closePalette();
                    run(id);
                  }}
                />
              ))}
            </Spotlight.ActionsGroup>
          )
        );
      })}
      <Views query={query} />
      {query.trim().length >= LEAST && <Found query={query.trim()} />}
    </>
  );
}

function useGo() {
  const navigate = useNavigate();
  return (search: Filter) => () => {
    closePalette();
    void navigate({ to: "/inbox", search });
  };
}

function Views({ query }: { query: string }) {
  const { t } = useTranslation("commands");
  const go = useGo();
  const { data } = useQuery(views);
  const found = data?.data.filter((it) => matches(it.name, query)) ?? [];
  if (found.length === 0) return null;
  return (
    <Spotlight.ActionsGroup label={t("groups.views")}>
      {found.map((it) => (
        <Spotlight.Action key={it.id} label={it.name} onClick={go(ofView(it))} />
      ))}
    </Spotlight.ActionsGroup>
  );
}

function Found({ query }: { query: string }) {
  const { t } = useTranslation("commands");
  const titleOf = useTitleOf();
  const navigate = useNavigate();
  const go = useGo();
  const [asked] = useDebouncedValue(query, 200);
  const { data: conversations } = useQuery({
    queryKey: ["palette", "conversations", asked],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/conversations", { params: { query: { search: asked, per_page: 6 } }, signal })),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const { data: people } = useQuery({
    queryKey: ["palette", "contacts", asked],
    queryFn: async ({ signal }) => {
      const params = { query: { search: asked, per_page: 4 } };
      // The same address also gives a table; this asks for none.
      return (await answer(api.GET("/api/contacts", { params, signal }))) as { data: Contact[] };
    },
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <>
      <Spotlight.ActionsGroup label={t("groups.conversations")}>
        {conversations?.data.map((it) => (
          <Spotlight.Action
            key={it.id}
            label={titleOf(it)}
            description={`#${it.number} · ${nameOf(it.contact, t("unknown"))}`}
            onClick={() => {
              closePalette();
              const params = { conversationId: it.id };
              void navigate({ to: "/inbox/$conversationId", params, search: { search: query } });
            }}
          />
        ))}
        <Spotlight.Action label={t("searchAll", { query })} onClick={go({ search: query })} />
      </Spotlight.ActionsGroup>
      {people && people.data.length > 0 && (
        <Spotlight.ActionsGroup label={t("groups.contacts")}>
          {people.data.map((it) => (
            <Spotlight.Action
              key={it.id}
              label={nameOf(it, t("unknown"))}
              description={it.email ?? it.phone ?? ""}
              onClick={() => {
                closePalette();
                void navigate({ to: "/contacts/$contactId", params: { contactId: it.id } });
              }}
            />
          ))}
        </Spotlight.ActionsGroup>
      )}
    </>
  );
}
