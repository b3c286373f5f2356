/** Who I am to my team, how the dashboard looks to me, and where I am signed in. */

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
      <Name />
      <Appearance />
      <Password />
      <Sessions />
    </Page>
  );
}
