/** A table of people: try it, say what its columns mean, take it in, and see what became of each row. */

import { Alert, Anchor, Button, FileInput, Group, Loader, Radio, Stack, Text, Title } from "@mantine/core";
import { IconChevronLeft, IconUpload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { shortTime } from "../../lib/times";
import { Problem } from "../../settings/parts/forms";
import { LinkAnchor } from "../../shell/links";
import classes from "./ImportPage.module.css";
import { anImport, type Duplicates, imports, isOver, LARGEST, tryOut } from "./imports";
import { Progressing } from "./Progressing";
import { Report } from "./Report";
import { Tried } from "./Tried";

export function ImportPage() {
  const { t } = useTranslation("imports");
  const { id } = useSearch({ from: "/inside/contacts/import" });
  return (
    <div className={classes.page}>
      <Stack maw={820} gap="md">
        <LinkAnchor to="/contacts" search={{}} size="sm" className={classes.back}>
          <IconChevronLeft size={16} aria-hidden />
          {t("back")}
        </LinkAnchor>
        <Title order={1} size="h3">
          {t("title")}
        </Title>
        {id ? <One key={id} id={id} /> : <Choose />}
      </Stack>
    </div>
  );
}

function useOpen() {
  const navigate = useNavigate();
  return (id: string | undefined) => void navigate({ to: "/contacts/import", search: { id } });
}

function Choose() {
  const { t } = useTranslation("imports");
  const open = useOpen();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [duplicates, setDuplicates] = useState<Duplicates>("skip");
  const { data: past } = useQuery(imports);
  const send = useMutation({
    mutationFn: (it: File) => tryOut(it, duplicates),
    onSuccess: (it) => {
      client.setQueryData(anImport(it.id).queryKey, it);
      open(it.id);
    },
  });
  const large = file !== null && file.size > LARGEST;
  return (
    <Stack
      gap="md"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        setFile(event.dataTransfer.files[0] ?? null);
      }}
    >
      <Text c="dimmed">{t("about")}</Text>
      <Problem error={send.error} />
      <FileInput
        label={t("file")}
        description={t("fileHint")}
        placeholder={t("choose")}
        leftSection={<IconUpload size={16} aria-hidden />}
        accept=".csv,.tsv,.txt,text/csv"
        value={file}
        onChange={setFile}
        error={large ? t("tooLarge") : undefined}
        clearable
        clearButtonProps={{ "aria-label": t("clear") }}
      />
      <Radio.Group
        label={t("duplicates.label")}
        value={duplicates}
        onChange={(value) => setDuplicates(value as Duplicates)}
      >
        <Stack gap={6} mt={6}>
          <Radio value="skip" label={t("duplicates.skip")} />
          <Radio value="update" label={t("duplicates.update")} />
        </Stack>
      </Radio.Group>
      <div>
        <Button disabled={!file || large} loading={send.isPending} onClick={() => file && send.mutate(file)}>
          {t("try")}
        </Button>
      </div>
      {past && past.data.length > 0 && (
        <section>
          <Title order={2} size="h5" mb="xs">
            {t("past")}
          </Title>
          <ul className={classes.past}>
            {past.data.map((it) => (
              <li key={it.id}>
                <Group gap="xs">
                  <Anchor component="button" type="button" size="sm" onClick={() => open(it.id)}>
                    {it.name ?? t("unnamed")}
                  </Anchor>
                  <Text size="sm" c="dimmed">
                    {it.dry_run ? t("tried") : t(`status.${it.status}`)} · {shortTime(it.created_at)}
                  </Text>
                </Group>
              </li>
            ))}
          </ul>
        </section>
      )}
    </Stack>
  );
}

function One({ id }: { id: string }) {
  const { t } = useTranslation("imports");
  const open = useOpen();
  const { data: it, error, refetch } = useQuery(anImport(id));
  if (error && !it) return <Problem error={error} onAgain={() => void refetch()} />;
  if (!it) return <Loader aria-label={t("loading")} />;
  return (
    <Stack gap="md">
      <Text fw={600} className="words">
        {it.name ?? t("unnamed")}
      </Text>
      {!isOver(it) && <Progressing it={it} />}
      {it.status === "failed" && (
        <Alert color="red" variant="outline" role="alert">
          {it.error ?? t("status.failed")}
        </Alert>
      )}
      {it.status === "cancelled" && <Alert variant="default">{t("cancelled")}</Alert>}
      {it.status === "done" && it.dry_run && it.file_kept && <Tried it={it} onStarted={(next) => open(next.id)} />}
      {isOver(it) && <Report it={it} />}
      {isOver(it) && (
        <div>
          <Button variant="default" onClick={() => open(undefined)}>
            {t("another")}
          </Button>
        </div>
      )}
    </Stack>
  );
}
