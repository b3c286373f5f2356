/** When somebody is there to answer. */

import { Button, Group, Radio, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { LinkAnchor } from "../../shell/links";
import { useEdited } from "../parts/edited";
import { Form, useSave } from "../parts/forms";
import { Page, Part } from "../parts/Page";
import { Unsaved } from "../parts/Unsaved";
import { type Workspace, workspace } from "../queries";
import { Holidays } from "./Holidays";
import { fromWeek, toWeek, usualWeek, type WeekForm } from "./hours";
import { WeekFields } from "./WeekFields";

const formOf = (it: Workspace) => ({
  week: it.business_hours ? fromWeek(it.business_hours) : null,
  holidays: it.holidays,
});

export default function HoursPage() {
  const { t } = useTranslation(["workspace", "settings"]);
  const client = useQueryClient();
  const { data } = useSuspenseQuery(workspace);
  const { form, saved, setForm, changed, discard, adopt } = useEdited(formOf(data));
  /** What was typed stays, whichever way one looks at it. */
  const [week, setWeek] = useState<WeekForm>(saved.week ?? usualWeek());
  const save = useSave(
    (sent: typeof form) => {
      const body = { business_hours: sent.week && toWeek(sent.week), holidays: sent.holidays };
      return answer(api.POST("/api/settings/workspace", { body }));
    },
    (it, sent) => {
      client.setQueryData(workspace.queryKey, it);
      adopt(formOf(it), sent);
      notifications.show({ id: "saved", message: t("settings:saved") });
    },
  );
  const put = (next: WeekForm) => {
    setWeek(next);
    setForm((it) => ({ ...it, week: next }));
  };
  return (
    <Page title={t("settings:sections.hours")} about={t("hours.about")}>
      <Unsaved changed={changed} />
      <Form saving={save} fields={["business_hours", "holidays"]} onSubmit={() => save.mutate(form)}>
        <Stack gap={0}>
          <Part title={t("hours.week")}>
            <Radio.Group
              aria-label={t("hours.week")}
              value={form.week ? "some" : "always"}
              onChange={(value) => setForm((it) => ({ ...it, week: value === "some" ? week : null }))}
            >
              <Stack gap="xs">
                <Radio value="always" label={t("hours.always")} />
                <Radio value="some" label={t("hours.some")} />
              </Stack>
            </Radio.Group>
            {form.week && <WeekFields week={form.week} onChange={put} error={save.field} />}
            <div>
              <LinkAnchor size="sm" to="/settings/$section" params={{ section: "general" }}>
                {t("hours.zone", { zone: data.time_zone })}
              </LinkAnchor>
            </div>
          </Part>
          <Part title={t("holidays.title")} about={t("holidays.about")}>
            <Holidays
              days={form.holidays}
              onChange={(holidays) => setForm((it) => ({ ...it, holidays }))}
              error={save.field("holidays")}
            />
          </Part>
          <Group mt="lg">
            <Button type="submit" loading={save.isPending} disabled={!changed}>
              {t("settings:save")}
            </Button>
            {changed && (
              <Button variant="subtle" color="gray" onClick={discard}>
                {t("settings:discard")}
              </Button>
            )}
          </Group>
        </Stack>
      </Form>
    </Page>
  );
}
