/** The accounts customers write to. */

import { lazy, Suspense } from "react";

import type { SectionProps } from "../sections";
import { ChannelList } from "./ChannelList";
import { ChooseType } from "./ChooseType";

const NewMailbox = lazy(() => import("./NewMailbox"));
const NewWebchat = lazy(() => import("./webchat/NewWebchat"));
const ChannelPage = lazy(() => import("./ChannelPage"));

export default function ChannelsPage({ item }: SectionProps) {
  if (item === undefined) return <ChannelList />;
  if (item === "new") return <ChooseType />;
  return (
    <Suspense>
      {item === "new-email" ? <NewMailbox /> : item === "new-webchat" ? <NewWebchat /> : <ChannelPage id={item} key={item} />}
    </Suspense>
  );
}
