/** Why a form was not taken, where it is no fault of one field. */

import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { ApiError } from "../api/client";

/** The names of the fields that tell their faults themselves. */
export function Refusal({ error, fields }: { error: Error | null; fields: string[] }) {
  const { t } = useTranslation();
  if (!error) return null;
  const told = error instanceof ApiError && fields.some((it) => error.field(it));
  if (told) return null;
  const rest = error instanceof ApiError ? error.body.details?.map((it) => `${it.field}: ${it.message}`) : undefined;
  return (
    <Alert color="red" role="alert">
      {error instanceof ApiError ? [error.message, ...(rest ?? [])].join(" · ") : t("error.unreachable")}
    </Alert>
  );
}

export const faultOf = (error: Error | null, field: string): string | undefined =>
  error instanceof ApiError ? error.field(field) : undefined;
