/** The way back to the first steps, for an admin, until they are done. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { me } from "../api/queries";
import { LinkAnchor } from "../shell/links";
import { STEPS, steps } from "./steps";

export function StepsLeft() {
  const { t } = useTranslation();
  const { data: agent } = useQuery(me);
  const { data } = useQuery({ ...steps, enabled: agent?.role === "admin" });
  const done = STEPS.filter((it) => !data || data[it]).length;
  if (done === STEPS.length) return null;
  return (
    <LinkAnchor to="/first-steps" size="sm" display="inline-block" mb="sm">
      {t("steps", { done, of: STEPS.length })}
    </LinkAnchor>
  );
}
