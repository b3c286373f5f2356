/** What can be done to the ticked conversations, in place of what narrows the list. */

import { ActionIcon, Button, Checkbox, Group, Menu, Text, Tooltip } from "@mantine/core";
import {
  IconCheck,
  IconClock,
  IconDots,
  IconFlag,
  IconMail,
  IconMailOpened,
  IconProgressCheck,
  IconSpy,
  IconSpyOff,
  IconTag,
  IconTagOff,
  IconUser,
  IconX,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { openPalette, type Pick as Page } from "../commands/palette";
import { useStore } from "../live/store";
import type { Actions } from "./actions";
import classes from "./FilterBar.module.css";
import { clear, selection, tickAll, tickMatching } from "./selection";

interface Props {
  rows: readonly string[];
  /** More match than were read. */
  more: boolean;
  total: number | null;
  actions: Actions;
}

export default function BulkBar({ rows, more, total, actions }: Props) {
  const { t } = useTranslation("inbox");
  const { ids, all } = useStore(selection);
  const every = rows.length > 0 && rows.every((id) => ids.has(id));
  const pick = (page: Page) => () => openPalette(page);
  const none = ids.size === 0 && !all;
  return (
    <div className={classes.bar} role="toolbar" aria-label={t("bulk.title")}>
      <Group gap={4} wrap="nowrap" mih={34}>
        <Checkbox
          size="sm"
          me={4}
          aria-label={t("bulk.tickAll")}
          checked={every}
          indeterminate={!every && ids.size > 0}
          onChange={() => (every ? clear() : tickAll(rows))}
        />
        <Text size="sm" fw={600} flex={1} miw={0} truncate role="status">
          {all
            ? total === null
              ? t("bulk.matching")
              : t("bulk.ticked", { count: total })
            : t("bulk.ticked", { count: ids.size })}
        </Text>
        <Do label={t("bulk.resolve")} Icon={IconCheck} disabled={none} first does={() => actions.set({ status: "resolved" }, t("done.resolved"))} />
        <Do label={t("bulk.snooze")} Icon={IconClock} disabled={none} does={pick("snooze")} />
        <Do label={t("bulk.assign")} Icon={IconUser} disabled={none} does={pick("assign")} />
        <Do label={t("bulk.tag")} Icon={IconTag} disabled={none} does={pick("tag")} />
        <More none={none} actions={actions} />
        <ActionIcon variant="subtle" color="gray" aria-label={t("bulk.clear")} title={t("bulk.clear")} onClick={clear}>
          <IconX size={18} />
        </ActionIcon>
      </Group>
      {every && more && !all && (
        <Button mt={4} size="compact-sm" variant="subtle" onClick={tickMatching}>
          {total === null ? t("bulk.allMatching") : t("bulk.allTotal", { count: total })}
        </Button>
      )}
    </div>
  );
}

interface DoProps {
  label: string;
  Icon: typeof IconCheck;
  /** What is done most. */
  first?: boolean;
  disabled: boolean;
  does: () => void;
}

/** As a picture: the list is narrow everywhere. */
function Do({ label, Icon, first, disabled, does }: DoProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant={first ? "filled" : "default"} size={30} disabled={disabled} aria-label={label} onClick={does}>
        <Icon size={17} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

const ICON = { size: 16, "aria-hidden": true } as const;

/** What is done to many now and then. */
function More({ none, actions }: { none: boolean; actions: Actions }) {
  const { t } = useTranslation("inbox");
  const item = (Icon: typeof IconMail, label: string, does: () => void) => (
    <Menu.Item leftSection={<Icon {...ICON} />} onClick={does}>
      {label}
    </Menu.Item>
  );
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={30} disabled={none} aria-label={t("bulk.more")} title={t("bulk.more")}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {item(IconProgressCheck, t("bulk.status"), () => openPalette("status"))}
        {item(IconFlag, t("bulk.priority"), () => openPalette("priority"))}
        {item(IconTagOff, t("bulk.untag"), () => openPalette("untag"))}
        <Menu.Divider />
        {item(IconMailOpened, t("bulk.read"), () => actions.set({ unread: false }, t("done.read")))}
        {item(IconMail, t("bulk.unread"), () => actions.set({ unread: true }, t("done.unread")))}
        <Menu.Divider />
        {item(IconSpy, t("bulk.spam"), () => actions.set({ spam: true }, t("done.spam")))}
        {item(IconSpyOff, t("bulk.noSpam"), () => actions.set({ spam: false }, t("done.noSpam")))}
      </Menu.Dropdown>
    </Menu>
  );
}
