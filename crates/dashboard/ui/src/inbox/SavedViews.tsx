/** Views people kept, each with what it finds; one's own can be renamed, shared, moved and deleted. */

import { ActionIcon, Menu, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowDown, IconArrowUp, IconBookmark, IconDots, IconPencil, IconTrash, IconUsers } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../api/changes";
import { answer, api, type Schemas } from "../api/client";
import { type Filter, ofView } from "../api/filters";
import { me, views } from "../api/queries";
import { number } from "../i18n";
import { LinkNav } from "../shell/links";
import classes from "./SavedViews.module.css";

const ViewForm = lazy(() => import("./ViewForm"));

type View = Schemas["View"];

export function SavedViews({ filter, onChosen }: { filter: Filter; onChosen: () => void }) {
  const { t } = useTranslation("inbox");
  const { data } = useQuery(views);
  const all = data?.data ?? [];
  if (all.length === 0) return null;
  return (
    <>
      <Text component="h2" size="xs" fw={600} c="dimmed" mt="sm" mb={4} px="xs">
        {t("saved.title")}
      </Text>
      {all.map((it, at) => (
        <div key={it.id} className={classes.view}>
          <LinkNav
            to="/inbox"
            search={ofView(it)}
            activeOptions={{ exact: true }}
            label={it.name}
            leftSection={it.shared ? <IconUsers size={17} aria-hidden /> : <IconBookmark size={17} aria-hidden />}
            rightSection={
              <Text component="span" size="xs" c="dimmed" className={classes.count}>
                {it.count > 0 && (it.count_is_exact ? number(it.count) : `${number(it.count)}+`)}
              </Text>
            }
            title={t(it.shared ? "saved.sharedBy" : "saved.mine")}
            active={filter.view === it.id}
            aria-current={filter.view === it.id ? "page" : undefined}
            onClick={onChosen}
          />
          <Manage view={it} all={all} at={at} open={filter.view === it.id} />
        </div>
      ))}
    </>
  );
}

function Manage({ view, all, at, open }: { view: View; all: View[]; at: number; open: boolean }) {
  const { t } = useTranslation("inbox");
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: agent } = useQuery(me);
  const [naming, setNaming] = useState(false);
  const mayChange = view.owner_id === agent?.id || agent?.role === "admin";
  const params = { path: { id: view.id } };
  const again = () => client.invalidateQueries({ queryKey: views.queryKey });

  async function rename(name: string, shared: boolean) {
    await answer(api.PATCH("/api/views/{id}", { params, body: { name, shared } }));
    await again();
  }

  async function move(by: number) {
    const ids = all.map((it) => it.id);
    const order = ids.toSpliced(at, 1).toSpliced(at + by, 0, view.id);
    const rows = order.map((id) => all.find((it) => it.id === id)).filter((it) => it !== undefined);
    client.setQueryData(views.queryKey, (known) => known && { ...known, data: rows });
    await answer(api.POST("/api/views/order", { body: { ids: order } })).catch(complain);
    await again();
  }

  async function remove() {
    try {
      await answer(api.DELETE("/api/views/{id}", { params }));
      await again();
      notifications.show({ message: t("saved.deleted", { name: view.name }) });
      if (open) void navigate({ to: "/inbox", search: { status: "open" } });
    } catch (error) {
      complain(error);
    }
  }

  return (
    <>
      <Suspense>
        {naming && (
          <ViewForm
            title={t("saved.rename")}
            name={view.name}
            shared={view.shared}
            save={rename}
            onClose={() => setNaming(false)}
          />
        )}
      </Suspense>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon className={classes.manage} variant="subtle" color="gray" aria-label={t("saved.manage", { name: view.name })}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayChange && (
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setNaming(true)}>
              {t("saved.rename")}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconArrowUp size={16} />} disabled={at === 0} onClick={() => void move(-1)}>
            {t("saved.up")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowDown size={16} />}
            disabled={at === all.length - 1}
            onClick={() => void move(1)}
          >
            {t("saved.down")}
          </Menu.Item>
          {mayChange && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => void remove()}>
              {t("saved.delete")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
