import { Card, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { share } from "./numbers";
import type { Analytics } from "./queries";

const NAMES = ["resolved_by_automation", "sent_by_automation", "sent_by_ai", "sent_from_ai_drafts"] as const;

/** How much no person did, or did from a draft. */
export function Shares({ shares }: { shares: Analytics["shares"] }) {
  const { t } = useTranslation("analytics");
  return (
    <Card component="section" withBorder p="md" aria-label={t("chart.shares")}>
      <Title order={2} size="h5" mb="sm">
        {t("chart.shares")}
      </Title>
      <Stack gap="xs">
        {NAMES.map((name) => (
          <div key={name}>
            <Group justify="space-between">
              <Text size="sm">{t(`share.${name}`)}</Text>
              <Text size="sm" fw={600}>
                {share(shares[name])}
              </Text>
            </Group>
            <Progress value={100 * (shares[name] ?? 0)} aria-label={t(`share.${name}`)} color="teal" />
          </div>
        ))}
      </Stack>
    </Card>
  );
}
