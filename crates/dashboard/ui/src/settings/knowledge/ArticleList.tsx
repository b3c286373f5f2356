import { Badge, Button, FileButton, Group, List, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBook2, IconSearch, IconUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, answer, api } from "../../api/client";
import { shortTime } from "../../lib/times";
import { LinkButton } from "../../shell/links";
import { Empty, Page } from "../parts/Page";
import { Row, Rows } from "../parts/Rows";
import { articles } from "../queries";
import { formatOf, titleOf } from "./files";

/** From as many on, one searches. */
const MANY = 8;

export function ArticleList() {
  const { t } = useTranslation(["knowledge", "settings"]);
  const { data } = useSuspenseQuery(articles);
  const [sought, setSought] = useState("");
  const words = sought.trim().toLocaleLowerCase();
  const found = data.filter((it) => it.title.toLocaleLowerCase().includes(words));
  const actions = (
    <Group gap="xs">
      <Upload />
      <LinkButton to="/settings/$section/$item" params={{ section: "knowledge", item: "new" }}>
        {t("write")}
      </LinkButton>
    </Group>
  );
  if (data.length === 0) {
    return (
      <Page title={t("settings:sections.knowledge")} wide>
        <Empty icon={<IconBook2 size={40} />} title={t("empty.title")} text={t("empty.text")} action={actions} />
      </Page>
    );
  }
  return (
    <Page title={t("settings:sections.knowledge")} about={t("about")} action={actions} wide>
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
      {found.length === 0 ? (
        <Text c="dimmed">{t("nothing")}</Text>
      ) : (
        <Rows label={t("settings:sections.knowledge")}>
          {found.map((it) => (
            <Row
              key={it.id}
              name={it.title}
              open={{ section: "knowledge", item: it.id }}
              about={t("changed", { time: shortTime(it.updated_at) })}
            >
              <Badge variant="light" color="gray" tt="none">
                {it.format === "html" ? "HTML" : it.format === "markdown" ? "Markdown" : t("formats.text")}
              </Badge>
            </Row>
          ))}
        </Rows>
      )}
    </Page>
  );
}

/** Several files at once, each an article; those that cannot be read are named. */
function Upload() {
  const { t } = useTranslation(["knowledge", "common"]);
  const client = useQueryClient();
  const upload = useMutation({
    mutationFn: async (files: File[]) => {
      const refused: string[] = [];
      for (const file of files) {
        try {
          const content = await file.text();
          const body = { title: titleOf(file.name, content), format: formatOf(file.name), content };
          await answer(api.POST("/api/knowledge", { body }));
        } catch (error) {
          const why = error instanceof ApiError ? (error.body.details?.[0]?.message ?? error.message) : t("common:error.unreachable");
          refused.push(`${file.name}: ${why}`);
        }
      }
      return { taken: files.length - refused.length, refused };
    },
    onSuccess: ({ taken, refused }) => {
      void client.invalidateQueries({ queryKey: articles.queryKey });
      if (taken > 0) notifications.show({ message: t("uploaded", { count: taken }) });
      if (refused.length > 0) {
        notifications.show({
          color: "red",
          title: t("refused"),
          autoClose: false,
          message: (
            <List size="sm">
              {refused.map((it) => (
                <List.Item key={it}>{it}</List.Item>
              ))}
            </List>
          ),
        });
      }
    },
  });
  return (
    <FileButton multiple accept=".txt,.md,.markdown,.html,.htm,text/plain,text/markdown,text/html" onChange={(files) => files.length > 0 && upload.mutate(files)}>
      {(props) => (
        <Button {...props} variant="default" loading={upload.isPending} leftSection={<IconUpload size={16} aria-hidden />}>
          {t("upload")}
        </Button>
      )}
    </FileButton>
  );
}
