import { Anchor, Center, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** An address that leads nowhere. */
export function Lost() {
  const { t } = useTranslation();
  return (
    <Center component="main" h="100%" p="xl">
      <Stack align="center" gap="xs">
        <Title order={1} size="h3">
          {t("lost.title")}
        </Title>
        <Text c="dimmed">{t("lost.text")}</Text>
        <Anchor href="/">{t("lost.home")}</Anchor>
      </Stack>
    </Center>
  );
}
