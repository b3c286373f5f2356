import { Badge, Group, Kbd, Text, TextInput } from "@mantine/core";
import { IconMessage2Bolt, IconSearch } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { LinkButton } from "../../shell/links";
import { Empty, Page } from "../parts/Page";
import { Row, Rows } from "../parts/Rows";
import { cannedReplies } from "../queries";

/** From as many on, one searches. */
const MANY = 8;

export function CannedList() {
  const { t } = useTranslation(["canned", "settings"]);
  const { data } = useSuspenseQuery(cannedReplies);
  const [sought, setSought] = useState("");
  const words = sought.trim().toLocaleLowerCase();
  const found = data.filter((it) => `${it.name}\n${it.shortcut ?? ""}\n${it.text}`.toLocaleLowerCase().includes(words));
  const add = (
    <LinkButton to="/settings/$section/$item" params={{ section: "canned", item: "new" }}>
      {t("add")}
    </LinkButton>
  );
  if (data.length === 0) {
    return (
      <Page title={t("settings:sections.canned")} wide>
        <Empty icon={<IconMessage2Bolt size={40} />} title={t("empty.title")} text={t("empty.text")} action={add} />
      </Page>
    );
  }
  return (
    <Page title={t("settings:sections.canned")} about={t("about")} action={add} wide>
      {data.length >= MANY && (
        <TextInput
          type="search"
          aria-label={t("search")}
          placeholder={t("search")}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
          mb="sm"
          maw={360}
        />
      )}
      {found.length === 0 && <Text c="dimmed">{t("nothing")}</Text>}
      {found.length > 0 && (
        <Rows label={t("settings:sections.canned")}>
          {found.map((it) => (
            <Row
              key={it.id}
              name={it.name}
              open={{ section: "canned", item: it.id }}
              about={
                <Text component="span" inherit lineClamp={1}>
                  {it.text}
                </Text>
              }
            >
              <Group gap="xs">
                {it.shortcut && <Kbd>/{it.shortcut}</Kbd>}
                {!it.shared && (
                  <Badge variant="light" tt="none" color="gray">
                    {t("mine")}
                  </Badge>
                )}
                <Text size="xs" c="dimmed">
                  {t("uses", { count: it.use_count })}
                </Text>
              </Group>
            </Row>
          ))}
        </Rows>
      )}
    </Page>
  );
}
