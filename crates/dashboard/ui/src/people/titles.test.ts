import i18next, { type TFunction } from "i18next";
import { beforeAll, expect, test } from "vitest";

import common from "../i18n/de/common.json";
import { titleOf, type Titled } from "./titles";

let t: TFunction;

beforeAll(async () => {
  const i18n = i18next.createInstance();
  await i18n.init({
    lng: "de",
    defaultNS: "common",
    resources: { de: { common } },
    interpolation: { escapeValue: false },
  });
  t = i18n.t as unknown as TFunction;
});

const lee = { name: "Lee", email: "lee@x.example", phone: null };

test.each<[Titled, string]>([
  [{ subject: "Rechnung", channel_type: "email", contact: lee }, "Rechnung"],
  [{ subject: "Rechnung", channel_type: "webchat", contact: lee }, "Rechnung"],
  [{ subject: null, channel_type: "email", contact: lee }, "Kein Betreff"],
  [{ subject: null, channel_type: "webchat", contact: lee }, "Chat mit Lee"],
  [{ subject: "", channel_type: "webchat", contact: { ...lee, name: null } }, "Chat mit lee@x.example"],
  [{ subject: null, channel_type: "webchat", contact: null }, "Chat mit einem Besucher"],
  [{ subject: null, channel_type: "sms", contact: { name: null, email: null, phone: "+49 1" } }, "SMS mit +49 1"],
])("%j is %s", (it, want) => {
  expect(titleOf(t, it)).toBe(want);
});
