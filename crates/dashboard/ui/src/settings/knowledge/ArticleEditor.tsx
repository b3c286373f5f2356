/** One article. */

import { Button, Group, SegmentedControl, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useId } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api, type Schemas } from "../../api/client";
import { Confirm } from "../parts/Confirm";
import { useEdited } from "../parts/edited";
import { Form, useSave } from "../parts/forms";
import { Page } from "../parts/Page";
import { Unsaved } from "../parts/Unsaved";
import { article, articles } from "../queries";
import type { Format } from "./files";

type Article = Schemas["ArticleView"];

export default function ArticleEditor({ id }: { id: string }) {
  return id === "new" ? <Editor article={undefined} /> : <Existing id={id} />;
}

function Existing({ id }: { id: string }) {
  const { data } = useSuspenseQuery(article(id));
  return <Editor article={data} />;
}

const formOf = (it: Article | undefined) => ({
  title: it?.title ?? "",
  format: (it?.format ?? "markdown") as Format,
  content: it?.content ?? "",
});

function Editor({ article: known }: { article: Article | undefined }) {
  const { t } = useTranslation(["knowledge", "settings"]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const label = useId();
  /** Made here, while something was typed that it does not have yet. */
  const [made, setMade] = useState<Article>();
  const it = known ?? made;
  const { form, saved, put, changed, adopt } = useEdited(formOf(it));
  const [asked, setAsked] = useState(false);

  const save = useSave(
    (sent: typeof form) =>
      it
        ? answer(api.PATCH("/api/knowledge/{id}", { params: { path: { id: it.id } }, body: sent }))
        : answer(api.POST("/api/knowledge", { body: sent })),
    async (now, sent) => {
      const goesOn = adopt(formOf(now), sent);
      if (!known) setMade(now);
      client.setQueryData(article(now.id).queryKey, now);
      void client.invalidateQueries({ queryKey: articles.queryKey });
      notifications.show({ id: "saved", message: t("settings:saved") });
      if (!known && !goesOn) await navigate({ to: "/settings/$section", params: { section: "knowledge" }, ignoreBlocker: true });
    },
  );
  const remove = useSave(
    (id: string) => answer(api.DELETE("/api/knowledge/{id}", { params: { path: { id } } })),
    async (was) => {
      notifications.show({ message: t("deleted", { title: was.title }) });
      await navigate({ to: "/settings/$section", params: { section: "knowledge" }, ignoreBlocker: true });
      client.removeQueries({ queryKey: article(was.id).queryKey });
      void client.invalidateQueries({ queryKey: articles.queryKey });
    },
  );
  return (
    <Page
      title={it ? saved.title : t("new")}
      back={{ section: "knowledge", name: t("settings:sections.knowledge") }}
      wide
    >
      <Unsaved changed={changed} />
      <Form saving={save} fields={["title", "content", "format"]} onSubmit={() => save.mutate(form)}>
        <Stack>
          <TextInput
            label={t("title")}
            description={t("titleHelp")}
            value={form.title}
            onChange={(event) => put({ title: event.currentTarget.value })}
            error={save.field("title")}
            required
          />
          <div>
            <Text id={label} size="sm" fw={600} mb={4}>
              {t("format")}
            </Text>
            <SegmentedControl
              aria-labelledby={label}
              value={form.format}
              onChange={(value) => put({ format: value as Format })}
              data={[
                { value: "markdown", label: "Markdown" },
                { value: "text", label: t("formats.text") },
                { value: "html", label: "HTML" },
              ]}
            />
          </div>
          <Textarea
            label={t("content")}
            description={t("contentHelp")}
            value={form.content}
            onChange={(event) => put({ content: event.currentTarget.value })}
            error={save.field("content")}
            autosize
            minRows={12}
            maxRows={30}
            required
          />
          <Group>
            <Button type="submit" loading={save.isPending} disabled={!changed}>
              {t("settings:save")}
            </Button>
            {it && (
              <Button variant="subtle" color="red" onClick={() => setAsked(true)}>
                {t("settings:delete")}
              </Button>
            )}
          </Group>
        </Stack>
      </Form>
      {it && (
        <Confirm
          opened={asked}
          onClose={() => setAsked(false)}
          title={t("question", { title: it.title })}
          text={t("deleteText")}
          label={t("settings:delete")}
          saving={remove}
          onConfirm={() => remove.mutate(it.id)}
        />
      )}
    </Page>
  );
}
