/** Two soft tones, made on the spot: no file has to be loaded for them. */

const TONES = [
  { hertz: 880, at: 0 },
  { hertz: 1174.7, at: 0.12 },
];
/** Seconds a tone takes to fade. */
const FADE = 0.35;
const LOUDEST = 0.12;

export function ring(): void {
  const context = new AudioContext();
  for (const { hertz, at } of TONES) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    const start = context.currentTime + at;
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(LOUDEST, start);
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + FADE);
    tone.connect(loudness).connect(context.destination);
    tone.start(start);
    tone.stop(start + FADE);
  }
  setTimeout(() => void context.close(), 1_000);
}
