/** What a text may refer to, put in by a press. */

import { Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** The names the server fills in. */
const VARIABLES = [
  "contact.first_name",
  "contact.name",
  "contact.email",
  "contact.phone",
  "agent.first_name",
  "agent.name",
  "conversation.number",
  "conversation.subject",
  "channel.name",
  "workspace.name",
] as const;

export function Variables({ onInsert }: { onInsert: (variable: string) => void }) {
  const { t } = useTranslation("canned");
  return (
    <div>
      <Text size="sm" fw={600}>
        {t("variables.title")}
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        {t("variables.help", { example: "{{contact.first_name|there}}" })}
      </Text>
      <Group gap={6}>
        {VARIABLES.map((it) => (
          <Button key={it} variant="default" size="compact-xs" onClick={() => onInsert(`{{${it}}}`)}>
            {t(`variables.${it.replace(".", "_") as Underscored}`)}
          </Button>
        ))}
      </Group>
    </div>
  );
}

type Underscored = (typeof VARIABLES)[number] extends infer Name
  ? Name extends `${infer Of}.${infer What}`
    ? `${Of}_${What}`
    : never
  : never;
