/** In place of what could not be shown: why, and how to go on. */

import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { ApiError, Unreachable } from "../api/client";
import { Lost } from "./Lost";

export function Failed({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  const queries = useQueryErrorResetBoundary();
  if (error instanceof ApiError && error.status === 404) return <Lost />;
  const isAnswer = error instanceof ApiError || error instanceof Unreachable;

  function again() {
    // Code that was not found stays so: after an update of the server it has other names.
    if (!isAnswer) return location.reload();
    queries.reset();
    reset();
    void router.invalidate();
  }

  const why = error instanceof ApiError ? error.message : isAnswer ? t("error.unreachable") : t("error.code");
  return (
    <Center h="100%" p="xl">
      <Stack align="center" gap="xs" maw={420} role="alert">
        <Title order={1} size="h3" ta="center">
          {t("error.page")}
        </Title>
        <Text c="dimmed" ta="center" className="words">
          {why}
        </Text>
        <Button mt="xs" variant="default" onClick={again}>
          {isAnswer ? t("error.again") : t("error.reload")}
        </Button>
      </Stack>
    </Center>
  );
}
