/** What kind of channel to connect. */

import { Text } from "@mantine/core";
import { IconChevronRight, IconMail, IconMessageCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { Page } from "../parts/Page";
import { Row, Rows } from "../parts/Rows";

const KINDS = [
  { item: "new-email", name: "email", Icon: IconMail },
  { item: "new-webchat", name: "webchat", Icon: IconMessageCircle },
] as const;

export function ChooseType() {
  const { t } = useTranslation("channels");
  return (
    <Page title={t("add")} about={t("choose.about")} back={{ section: "channels", name: t("title") }}>
      <Rows label={t("add")}>
        {KINDS.map(({ item, name, Icon }) => (
          <Row
            key={item}
            name={t(`types.${name}`)}
            open={{ section: "channels", item }}
            icon={<Icon size={28} aria-hidden />}
            about={<Text inherit>{t(`choose.${name}`)}</Text>}
          >
            <IconChevronRight size={18} aria-hidden />
          </Row>
        ))}
      </Rows>
    </Page>
  );
}
