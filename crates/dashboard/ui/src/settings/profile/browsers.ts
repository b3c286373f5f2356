/** What a browser calls itself, in words people know. Order matters: most pretend to be others too. */

const BROWSERS: [RegExp, string][] = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bChrome\/|\bCriOS\/|\bHeadlessChrome\//, "Chrome"],
  [/\bSafari\//, "Safari"],
  [/^curl\//, "curl"],
];

const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

export interface Known {
  name: string | undefined;
  system: string | undefined;
  isPhone: boolean;
}

export function browserOf(agent: string): Known {
  const named = (known: [RegExp, string][]) => known.find(([sign]) => sign.test(agent))?.[1];
  return { name: named(BROWSERS), system: named(SYSTEMS), isPhone: /Mobile|Android|iPhone/.test(agent) };
}
