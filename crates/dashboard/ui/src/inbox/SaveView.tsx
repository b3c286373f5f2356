/** Keeping what the list is narrowed to, as a new view or in the one it came from. */

import { ActionIcon, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBookmarkPlus, IconDeviceFloppy } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../api/changes";
import { answer, api } from "../api/client";
import { asked, asQuery, type Filter, isSame, ofView } from "../api/filters";
import { me, views } from "../api/queries";
import { newId } from "../lib/ids";

const ViewForm = lazy(() => import("./ViewForm"));

export function SaveView({ filter }: { filter: Filter }) {
  const { t } = useTranslation("inbox");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [naming, setNaming] = useState(false);
  const { data } = useQuery(views);
  const { data: agent } = useQuery(me);
  const from = data?.data.find((it) => it.id === filter.view);
  const changed = from && !isSame(ofView(from), filter);
  const mayChange = from && (from.owner_id === agent?.id || agent?.role === "admin");
  if (Object.keys(asked(filter)).length === 0 || (from && !changed)) return null;

  async function create(name: string, shared: boolean) {
    const header = { "Idempotency-Key": newId() };
    const made = await answer(
      api.POST("/api/views", { params: { header }, body: { name, shared, query: asQuery(filter) } }),
    );
    await client.invalidateQueries({ queryKey: views.queryKey });
    void navigate({ to: ".", search: { ...filter, view: made.id }, replace: true });
  }

  async function keep(id: string) {
    try {
      await answer(api.PATCH("/api/views/{id}", { params: { path: { id } }, body: { query: asQuery(filter) } }));
      await client.invalidateQueries({ queryKey: views.queryKey });
      notifications.show({ message: t("saved.saved") });
    } catch (error) {
      complain(error);
    }
  }

  const icon = <IconBookmarkPlus size={18} />;
  const form = (
    <Suspense>
      {naming && <ViewForm title={t("saved.save")} save={create} onClose={() => setNaming(false)} />}
    </Suspense>
  );
  if (!from || !mayChange) {
    return (
      <>
        {form}
        <ActionIcon variant="subtle" color="gray" title={t("saved.save")} aria-label={t("saved.save")} onClick={() => setNaming(true)}>
          {icon}
        </ActionIcon>
      </>
    );
  }
  return (
    <>
      {form}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="light" aria-label={t("saved.save")}>
            {icon}
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconDeviceFloppy size={16} />} onClick={() => void keep(from.id)}>
            {t("saved.saveChanges", { name: from.name })}
          </Menu.Item>
          <Menu.Item leftSection={<IconBookmarkPlus size={16} />} onClick={() => setNaming(true)}>
            {t("saved.save")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
