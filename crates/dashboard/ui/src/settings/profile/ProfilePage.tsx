/** Who I am to my team, how the dashboard looks to me, and where I am signed in. */

import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { Page } from "../parts/Page";
import { Appearance } from "./Appearance";
import { Name } from "./Name";
import { Password } from "./Password";
import { Sessions } from "./Sessions";

export default function ProfilePage() {
  const { t } = useTranslation("profile");
  return (
    <Page title={t("title")}>
      <Stack gap={0}>
        <Name />
        <Appearance />
        <Password />
        <Sessions />
      </Stack>
    </Page>
  );
}
