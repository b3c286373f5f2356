/** Keys for programs. Each is told once. */

import { Badge, Button, Group, Modal, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconKey } from "@tabler/icons-react";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { shortTime } from "../../lib/times";
import { Confirm } from "../parts/Confirm";
import { useSave } from "../parts/forms";
import { Empty, Page } from "../parts/Page";
import { Row, Rows } from "../parts/Rows";
import { type ApiKey, keys } from "../queries";
import { NewKey } from "./NewKey";

export default function KeysPage() {
  const { t } = useTranslation(["keys", "settings"]);
  const { data } = useSuspenseQuery(keys);
  const [making, setMaking] = useState(false);
  const make = <Button onClick={() => setMaking(true)}>{t("make")}</Button>;
  return (
    <Page title={t("settings:sections.keys")} about={t("about")} action={data.length > 0 && make} wide>
      {data.length === 0 ? (
        <Empty icon={<IconKey size={40} />} title={t("empty.title")} text={t("empty.text")} action={make} />
      ) : (
        <Rows label={t("settings:sections.keys")}>
          {data.map((it) => (
            <KeyRow key={it.id} apiKey={it} />
          ))}
        </Rows>
      )}
      <Modal
        opened={making}
        onClose={() => setMaking(false)}
        title={t("make")}
        closeOnClickOutside={false}
        size="lg"
      >
        <NewKey onDone={() => setMaking(false)} />
      </Modal>
    </Page>
  );
}

function KeyRow({ apiKey: it }: { apiKey: ApiKey }) {
  const { t } = useTranslation(["keys", "agents"]);
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const revoke = useSave(
    () => answer(api.DELETE("/api/keys/{id}", { params: { path: { id: it.id } } })),
    () => {
      setAsked(false);
      void client.invalidateQueries({ queryKey: keys.queryKey });
      notifications.show({ message: t("revoked", { name: it.name }) });
    },
  );
  return (
    <Row
      name={it.name}
      icon={<IconKey size={20} aria-hidden />}
      about={
        <>
          <Text component="span" inherit ff="monospace">
            {it.prefix}…
          </Text>{" "}
          · {t("by", { name: it.created_by.name ?? t("somebody"), time: shortTime(it.created_at) })} ·{" "}
          {it.last_used_at ? t("used", { time: shortTime(it.last_used_at) }) : t("neverUsed")}
          {it.expires_at && ` · ${t("until", { time: shortTime(it.expires_at) })}`}
        </>
      }
    >
      <Group gap="xs">
        {it.role_now === null && (
          <Badge color="gray" variant="light" tt="none">
            {t("dead")}
          </Badge>
        )}
        <Badge variant={it.role === "admin" ? "filled" : "default"} tt="none">
          {t(`agents:roles.${it.role}`)}
        </Badge>
        <Button variant="default" size="compact-sm" onClick={() => setAsked(true)} aria-label={t("revokeName", { name: it.name })}>
          {t("revoke")}
        </Button>
      </Group>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={t("question", { name: it.name })}
        text={t("text")}
        name={it.name}
        label={t("revoke")}
        saving={revoke}
        onConfirm={() => revoke.mutate(undefined)}
      />
    </Row>
  );
}
