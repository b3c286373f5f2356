/** What the rule would do now to past conversations. Nothing is changed. */

import { Alert, Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { action as told, value, why as whyNot } from "../../actions/trace";
import { useNameOf } from "../../actions/useNameOf";
import { answer, api, type Schemas } from "../../api/client";
import { useTitleOf } from "../../people/titles";
import { LinkAnchor } from "../../shell/links";
import { Problem, useSave } from "../parts/forms";
import { Part } from "../parts/Page";
import classes from "./Automations.module.css";
import { type Draft, type Field, type Operator, write } from "./rules";

type Look = Schemas["DryRunLook"];

/** How far back it looks, and how many of those that do not match are shown with the reason. */
const LIMIT = 200;
const SHOWN = 20;

export function DryRun({ draft }: { draft: Draft }) {
  const { t } = useTranslation("automations");
  const run = useSave(() => {
    const automation = { ...write(draft), name: draft.name.trim() || t("new") };
    return answer(api.POST("/api/automations/dry-run", { body: { automation, limit: LIMIT } }));
  });
  const found = run.data;
  return (
    <Part title={t("dryRun.title")} about={t("dryRun.about")}>
      <div>
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={run.isPending}
          onClick={() => run.mutate(undefined)}
        >
          {t("dryRun.do")}
        </Button>
      </div>
      <Problem error={run.error} />
      {found && (
        <Stack gap="xs" aria-live="polite">
          <Text size="sm" fw={600}>
            {t("dryRun.looked", { count: found.looked, matched: found.matched.length })}
          </Text>
          {found.untriggered > 0 && (
            <Text size="sm" c="dimmed">
              {t("dryRun.untriggered", { count: found.untriggered })}
            </Text>
          )}
          {found.matched.length === 0 && <Alert color="blue">{t("dryRun.none")}</Alert>}
          <ul className={classes.rules}>
            {found.matched.map((it) => (
              <Seen key={it.conversation.id} look={it} />
            ))}
          </ul>
          {found.unmatched.length > 0 && (
            <details>
              <summary>{t("dryRun.unmatched")}</summary>
              <ul className={classes.rules}>
                {found.unmatched.slice(0, SHOWN).map((it) => (
                  <Seen key={it.conversation.id} look={it} why />
                ))}
              </ul>
            </details>
          )}
        </Stack>
      )}
    </Part>
  );
}

function Seen({ look: it, why = false }: { look: Look; why?: boolean }) {
  const { t } = useTranslation("automations");
  const { t: words } = useTranslation(["automations", "thread"]);
  const title = useTitleOf()(it.conversation);
  return (
    <li className={classes.seen}>
      <LinkAnchor
        to="/inbox/$conversationId"
        params={{ conversationId: it.conversation.id }}
        search={{}}
        size="sm"
        target="_blank"
      >
        #{it.conversation.number} <bdi>{title}</bdi>
      </LinkAnchor>
      {it.actions.map((action, at) => (
        <Group key={at} gap={6}>
          <Badge size="sm" variant="default" tt="none">
            {t(`effect.${action.effect}`)}
          </Badge>
          <Text size="sm" className="words">
            {[told(words, action), whyNot(words, action)].filter(Boolean).join(" – ")}
          </Text>
        </Group>
      ))}
      {why && <Explained document={it.conditions as unknown as Document} />}
    </li>
  );
}

type Document =
  | { match: string; rules: Document[]; matched: boolean }
  | { field: string; operator: string; value: unknown; actual: string[]; matched: boolean };

/** The conditions that did not hold, with what stood there. */
function Explained({ document }: { document: Document }) {
  const { t } = useTranslation("automations");
  const { t: words } = useTranslation(["automations", "thread"]);
  const nameOf = useNameOf();
  const wrong = failed(document);
  return (
    <ul className={classes.why}>
      {wrong.map((it, at) => (
        <li key={at} className="words">
          {t("dryRun.because", {
            field: t(`field.${it.field as Field}`),
            operator: t(`operator.${it.operator as Operator}`),
            value: value(words, it.field, it.value, nameOf),
            actual: value(words, it.field, it.actual, nameOf) || t("dryRun.nothing"),
          })}
        </li>
      ))}
    </ul>
  );
}

function failed(it: Document): Extract<Document, { field: string }>[] {
  if ("rules" in it) return it.matched ? [] : it.rules.flatMap(failed);
  return it.matched ? [] : [it];
}
