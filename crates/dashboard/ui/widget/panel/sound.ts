/** A short, soft tone for a new message; off until the visitor wants it. */

import type { Kept } from "./kept";

let context: AudioContext | undefined;

export const isSoundOn = (kept: Kept): boolean => kept.get("sound") === "on";

/** Turned on by a click, which is what browsers want before they let a page be heard. */
export function setSound(kept: Kept, on: boolean): void {
  kept.set("sound", on ? "on" : null);
  if (on) play();
}

export function play(): void {
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume();
  const now = context.currentTime;
  const loudness = context.createGain();
  loudness.gain.setValueAtTime(0.06, now);
  loudness.gain.exponentialRampToValueAtTime(0.0001, now + 0.4);
  loudness.connect(context.destination);
  for (const [pitch, at] of [
    [660, now],
    [880, now + 0.12],
  ] as const) {
    const tone = context.createOscillator();
    tone.frequency.value = pitch;
    tone.connect(loudness);
    tone.start(at);
    tone.stop(at + 0.28);
  }
}
