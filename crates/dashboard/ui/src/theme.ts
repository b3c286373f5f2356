/** One calm look: neutral greys, one accent, small radii. */

import { createTheme, type CSSVariablesResolver } from "@mantine/core";

export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: { light: 7, dark: 8 },
  defaultRadius: "md",
  cursorType: "pointer",
  autoContrast: true,
  // Of those who ask for it: app.css takes the rest away.
  respectReducedMotion: true,
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
  headings: { fontWeight: "600" },
  components: {
    // The choices of a closed list are many elements nobody sees.
    Combobox: { defaultProps: { keepMounted: false } },
  },
});

/** Small text needs a contrast of 4.5 to 1 (WCAG 2.2, 1.4.3); the library's own tones have less. */
export const tones: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5c636a",
    "--mantine-color-placeholder": "#6b7178",
    "--mantine-color-error": "#c92a2a",
    "--mantine-color-red-text": "#c92a2a",
    "--mantine-color-red-outline": "#c92a2a",
  },
  dark: {
    "--mantine-color-dimmed": "#a8b0b8",
    "--mantine-color-placeholder": "#959da5",
    "--mantine-color-error": "#ffa8a8",
    "--mantine-color-red-text": "#ffa8a8",
    "--mantine-color-red-outline": "#ffa8a8",
  },
});

/** The only inline styles the content security policy lets in carry this. */
export const styleNonce = (): string =>
  document.querySelector('meta[name="style-nonce"]')?.getAttribute("content") ?? "";
