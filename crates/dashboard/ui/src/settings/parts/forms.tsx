/** Forms whose errors stand at their fields, in the words of the server. */

import { Alert, Button } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "../../api/client";

export interface Saving {
  error: Error | null;
  isPending: boolean;
  /** What is wrong with a field, or with a part of it. */
  field: (name: string) => string | undefined;
}

/** A change asked for by a form. Its errors are shown there, by {@link Form}. */
export function useSave<Asked, Answered>(
  change: (asked: Asked) => Promise<Answered>,
  done?: (answered: Answered, asked: Asked) => unknown,
) {
  const save = useMutation({ mutationFn: change, onSuccess: (answered, asked) => void done?.(answered, asked) });
  const details = save.error instanceof ApiError ? (save.error.body.details ?? []) : [];
  const field = (name: string) => details.find((it) => isOf(it.field, name))?.message;
  return { ...save, field };
}

/** `actions.tags[2]` is part of `actions.tags`. */
function isOf(field: string, name: string): boolean {
  return field === name || field.startsWith(`${name}[`) || field.startsWith(`${name}.`);
}

interface FormProps {
  saving: Saving;
  /** The fields that show their own errors; what is wrong elsewhere is told above. */
  fields: readonly string[];
  onSubmit: () => void;
  children: ReactNode;
  label?: string;
}

export function Form({ saving, fields, onSubmit, children, label }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const { error } = saving;
  useEffect(() => {
    const wrong = error && form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (wrong) wrong.focus();
  }, [error]);
  return (
    <form
      ref={form}
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        onSubmit();
      }}
    >
      <Problem error={error} fields={fields} />
      {children}
    </form>
  );
}

interface ProblemProps {
  error: Error | null;
  fields?: readonly string[];
  /** How to try it once more, where no button stands there anyway. */
  onAgain?: () => void;
}

/** What no field tells. */
export function Problem({ error, fields = [], onAgain }: ProblemProps) {
  const { t } = useTranslation();
  if (!error) return null;
  const details = error instanceof ApiError ? (error.body.details ?? []) : [];
  const homeless = details.filter((it) => !fields.some((name) => isOf(it.field, name)));
  if (details.length > 0 && homeless.length === 0) return null;
  const text =
    homeless.length > 0
      ? homeless.map((it) => `${it.field}: ${it.message}`).join("\n")
      : error instanceof ApiError
        ? error.message
        : t("error.unreachable");
  return (
    <Alert color="red" variant="light" mb="md" role="alert" icon={<IconAlertCircle size={18} aria-hidden />}>
      <span className="words">{text}</span>
      {onAgain && (
        <div>
          <Button size="compact-sm" variant="default" mt="xs" onClick={onAgain}>
            {t("error.again")}
          </Button>
        </div>
      )}
    </Alert>
  );
}
