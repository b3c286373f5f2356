/** Every mail the server has shown, with what became of it. */

import { Badge, Button, Group, SegmentedControl, Skeleton, Text } from "@mantine/core";
import { IconMailOpened } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { bytes, shortTime } from "../../lib/times";
import { Problem } from "../parts/forms";
import { Empty } from "../parts/Page";
import { type Channel, type Mail, mails } from "../queries";
import classes from "./Ledger.module.css";
import { MailDetails } from "./MailDetails";

const FATES = ["message", "pending", "duplicate", "ignored", "quarantined"] as const;

export const FATE_COLORS: Record<Mail["fate"], string> = {
  message: "green",
  pending: "blue",
  duplicate: "gray",
  ignored: "gray",
  quarantined: "orange",
};

export function Ledger({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const [fate, setFate] = useState<Mail["fate"]>();
  const [open, setOpen] = useState<Mail>();
  const list = useInfiniteQuery(mails(channel.id, fate));
  const rows = list.data?.pages.flatMap((it) => it.data) ?? [];
  const total = list.data?.pages[0]?.pagination.total;
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {t("ledger.about")}
      </Text>
      <div className={classes.filters}>
        <SegmentedControl
          size="xs"
          aria-label={t("ledger.filter")}
          value={fate ?? ""}
          onChange={(value) => setFate(FATES.find((it) => it === value))}
          data={[{ value: "", label: t("ledger.all") }, ...FATES.map((it) => ({ value: it, label: t(`fate.${it}`) }))]}
        />
      </div>
      {list.isError && <Problem error={list.error} onAgain={() => void list.refetch()} />}
      {list.isPending ? (
        <Skeleton height={240} />
      ) : list.isLoadingError ? null : rows.length === 0 ? (
        <Empty
          icon={<IconMailOpened size={40} />}
          title={fate ? t("ledger.none") : t("ledger.empty")}
          text={fate === "quarantined" ? t("ledger.noneQuarantined") : fate ? t("ledger.noneText") : t("ledger.emptyText")}
        />
      ) : (
        <ul className={classes.mails} aria-label={t("tabs.mail")}>
          {rows.map((it) => (
            <li key={it.id}>
              <button type="button" className={classes.mail} onClick={() => setOpen(it)}>
                <span className={classes.who}>
                  <span className={classes.from}>{it.from ?? t("ledger.nobody")}</span>
                  <span className={classes.subject}>{it.subject ?? t("ledger.noSubject")}</span>
                  {it.reason && <span className={classes.reason}>{it.reason}</span>}
                </span>
                <Badge color={FATE_COLORS[it.fate]} variant="light" tt="none">
                  {t(`fate.${it.fate}`)}
                </Badge>
                <span className={classes.when}>
                  {shortTime(it.received_at)}
                  <span className={classes.size}>{bytes(it.size)}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Group mt="sm" justify="space-between">
        {!!total && (
          <Text size="sm" c="dimmed">
            {t("ledger.total", { count: total })}
          </Text>
        )}
        {list.hasNextPage && (
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t("ledger.more")}
          </Button>
        )}
      </Group>
      <MailDetails channel={channel.id} mail={open} onClose={() => setOpen(undefined)} />
    </>
  );
}
