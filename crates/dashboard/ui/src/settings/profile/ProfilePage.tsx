/** Who I am to my team, how the dashboard looks to me, and where I am signed in. */

import { Stack, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { Appearance } from "./Appearance";
import { Name } from "./Name";
import { Password } from "./Password";
import { Sessions } from "./Sessions";

export default function ProfilePage() {
  const { t } = useTranslation("profile");
  return (
    <Stack gap="xl" maw={620}>
      <Title order={1} size="h3">
        {t("title")}
      </Title>
      <Name />
      <Appearance />
      <Password />
      <Sessions />
    </Stack>
  );
}
