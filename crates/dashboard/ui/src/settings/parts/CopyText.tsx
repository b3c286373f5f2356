/** Something to take elsewhere: shown whole, copied by one press. */

import { Button, Code, Group, Text, TextInput } from "@mantine/core";
import { useTimeout } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../../api/changes";
import { copy } from "../../lib/clipboard";
import classes from "./Page.module.css";

interface CopyProps {
  label: string;
  value: string;
  description?: string;
  /** Code of several lines. */
  block?: boolean;
}

export function CopyText({ label, value, description, block }: CopyProps) {
  const { t } = useTranslation("settings");
  const [copied, setCopied] = useState(false);
  const soon = useTimeout(() => setCopied(false), 2000);
  const done = () => {
    setCopied(true);
    soon.start();
  };
  const button = (
    <Button
      variant="default"
      leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
      onClick={() => void copy(value).then(done, complain)}
    >
      {copied ? t("copied") : t("copy")}
    </Button>
  );
  if (block) {
    return (
      <div>
        <Group justify="space-between" mb={4}>
          <Text size="sm" fw={600}>
            {label}
          </Text>
          {button}
        </Group>
        {description && (
          <Text size="xs" c="dimmed" mb={6}>
            {description}
          </Text>
        )}
        <Code block tabIndex={0} aria-label={label}>
          {value}
        </Code>
      </div>
    );
  }
  return (
    <Group align="flex-end" gap="xs" wrap="wrap">
      <TextInput
        flex="1 1 14rem"
        label={label}
        description={description}
        value={value}
        readOnly
        classNames={{ input: classes.once }}
        onFocus={(event) => event.currentTarget.select()}
      />
      {button}
    </Group>
  );
}
