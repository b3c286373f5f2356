/** The words conversations and contacts are sorted by: what they are called, how they look, how many have them. */

import { ActionIcon, Button, Group, Menu, Text, TextInput } from "@mantine/core";
import { IconArrowMerge, IconDots, IconPencil, IconSearch, IconTag, IconTrash } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { TagChips } from "../../people/TagChips";
import { LinkAnchor } from "../../shell/links";
import { Empty, Page } from "../parts/Page";
import { Row, Rows } from "../parts/Rows";
import { type UsedTag, usedTags } from "../queries";
import { DeleteTag } from "./DeleteTag";
import { EditTag } from "./EditTag";
import { MergeTag } from "./MergeTag";

/** From as many on, one searches. */
const MANY = 8;

type Asked = { what: "edit" | "merge" | "delete"; tag: UsedTag } | { what: "new" };

export default function TagsPage() {
  const { t } = useTranslation(["tags", "settings"]);
  const { data } = useSuspenseQuery(usedTags);
  const [sought, setSought] = useState("");
  const [asked, setAsked] = useState<Asked>();
  const close = () => setAsked(undefined);
  const words = sought.trim().toLocaleLowerCase();
  const found = data.filter((it) => it.name.toLocaleLowerCase().includes(words));
  const add = <Button onClick={() => setAsked({ what: "new" })}>{t("add")}</Button>;
  return (
    <Page title={t("settings:sections.tags")} about={data.length > 0 && t("about")} action={data.length > 0 && add} wide>
      {data.length === 0 && <Empty icon={<IconTag size={40} />} title={t("empty.title")} text={t("empty.text")} action={add} />}
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
      {data.length > 0 && found.length === 0 && <Text c="dimmed">{t("nothing")}</Text>}
      {found.length > 0 && (
        <Rows label={t("settings:sections.tags")}>
          {found.map((it) => (
            <TagRow key={it.id} tag={it} onAsk={(what) => setAsked({ what, tag: it })} />
          ))}
        </Rows>
      )}
      {asked?.what === "new" && <EditTag onClose={close} />}
      {asked?.what === "edit" && <EditTag tag={asked.tag} all={data} onClose={close} />}
      {asked?.what === "merge" && <MergeTag tag={asked.tag} all={data} onClose={close} />}
      {asked?.what === "delete" && <DeleteTag tag={asked.tag} onClose={close} />}
    </Page>
  );
}

function TagRow({ tag: it, onAsk }: { tag: UsedTag; onAsk: (what: "edit" | "merge" | "delete") => void }) {
  const { t } = useTranslation("tags");
  return (
    <Row
      name={<TagChips names={[it.name]} />}
      about={
        <Group gap="xs">
          {it.conversations === 0 ? (
            <span>{t("conversations", { count: 0 })}</span>
          ) : (
            <LinkAnchor to="/inbox" search={{ tag: it.name }} size="sm">
              {it.conversations === null ? t("manyConversations") : t("conversations", { count: it.conversations })}
            </LinkAnchor>
          )}
          {it.contacts !== 0 && (
            <LinkAnchor to="/contacts" search={{ tag: it.name }} size="sm">
              {it.contacts === null ? t("manyContacts") : t("contacts", { count: it.contacts })}
            </LinkAnchor>
          )}
        </Group>
      }
    >
      <Group gap="xs" wrap="nowrap">
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPencil size={14} aria-hidden />}
          aria-label={t("editName", { name: it.name })}
          onClick={() => onAsk("edit")}
        >
          {t("edit")}
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={t("more", { name: it.name })}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconArrowMerge size={16} aria-hidden />} onClick={() => onAsk("merge")}>
              {t("merge")}
            </Menu.Item>
            <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => onAsk("delete")}>
              {t("delete")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
    </Row>
  );
}
