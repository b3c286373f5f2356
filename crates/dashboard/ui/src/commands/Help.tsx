/** The help sheet: every key there is, from the same list the keys are read from. */

import { Modal, Table, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useStore } from "../live/store";
import { COMMANDS, GROUPS } from "./catalog";
import { Keys } from "./Keys";
import { help } from "./palette";
import classes from "./Palette.module.css";

export default function Help() {
  const { t } = useTranslation("commands");
  const open = useStore(help);
  return (
    <Modal
      opened={open}
      onClose={() => help.set(false)}
      title={t("help.title")}
      closeButtonProps={{ "aria-label": t("help.close") }}
      size="xl"
      transitionProps={{ duration: 0 }}
    >
      <div className={classes.sheet}>
        {GROUPS.map((group) => (
          <section key={group} className={classes.group}>
            <Title order={2} size="h6" mb={4}>
              {t(`groups.${group}`)}
            </Title>
            <Table withRowBorders={false} verticalSpacing={3}>
              <Table.Tbody>
                {COMMANDS.filter(([, it]) => it.group === group && it.keys).map(([id, it]) => (
                  <Table.Tr key={id}>
                    <Table.Td ps={0}>{t(`names.${id}`)}</Table.Td>
                    <Table.Td ta="end">
                      {it.keys?.map((keys, at) => (
                        <span key={keys}>
                          {at > 0 && ` ${t("help.or")} `}
                          <Keys keys={keys} />
                        </span>
                      ))}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </section>
        ))}
      </div>
      <Text size="xs" c="dimmed" mt="md">
        {t("help.note")}
      </Text>
    </Modal>
  );
}
