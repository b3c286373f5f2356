/** @jsxImportSource preact */
/** Who answers here, and how soon. */

import { useState } from "preact/hooks";

import type { Config } from "./api";
import type { Chat } from "./chat";
import { Icon } from "./icons";
import { isSoundOn, setSound } from "./sound";
import { moment, say } from "./words";

interface Props {
  chat: Chat;
  config: Config | null;
  close: () => void;
}

export function Header({ chat, config, close }: Props) {
  const [sound, set] = useState(() => isSoundOn(chat.kept));
  const toggle = () => {
    setSound(chat.kept, !sound);
    set(!sound);
  };
  const name = config?.name ?? "";
  const soundName = say(sound ? "soundOff" : "soundOn");
  return (
    <header>
      <span class="face" aria-hidden="true">
        {[...name][0]?.toUpperCase()}
      </span>
      <h1>{name || say("loading")}</h1>
      {config && (
        <p class={config.is_open ? "open" : "away"}>
          <span class="lamp" aria-hidden="true" />
          {hours(config)}
        </p>
      )}
      <button type="button" class="plain" aria-label={soundName} title={soundName} onClick={toggle}>
        <Icon name={sound ? "bell" : "mute"} />
      </button>
      <button type="button" class="plain" aria-label={say("close")} title={say("close")} onClick={close}>
        <Icon name="close" />
      </button>
    </header>
  );
}

const SOON = { minutes: "repliesInMinutes", hours: "repliesInHours", day: "repliesInDay" } as const;

function hours(config: Config): string {
  if (!config.is_open) {
    return config.opens_at ? say("backAt", { time: moment(config.opens_at) }) : say("weAreClosed");
  }
  return config.reply_time ? say(SOON[config.reply_time]) : say("weAreOpen");
}
