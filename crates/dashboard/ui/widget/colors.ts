/** Colours the workspace chose, made readable. */

export const ACCENT = "#3b5bdb";

export const isColor = (it: unknown): it is string => typeof it === "string" && /^#[0-9a-f]{6}$/i.test(it);

/** Black or white, whichever is easier to read on this colour (WCAG 2.2, relative luminance). */
export function inkOn(color: string): "#000000" | "#ffffff" {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const it = parseInt(color.slice(at, at + 2), 16) / 255;
    return it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#ffffff" : "#000000";
}
