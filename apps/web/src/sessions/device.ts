/** The browser and system that a `User-Agent` names. */
export interface Device {
  /** "Edge on Windows", or "Unknown browser". */
  readonly name: string;
  readonly isPhone: boolean;
}

/**
 * Parses a `User-Agent`. The result helps users recognise their browsers, but is not reliable: some browsers call
 * themselves Chrome, and an iPad calls itself a Mac.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.1.5 | RFC 9110 §10.1.5}
 */
export function describeDevice(userAgent: string | null): Device {
  const browser = findName(browsers, userAgent ?? "") ?? "Unknown browser";
  const system = findName(systems, userAgent ?? "");
  return {
    name: system === undefined ? browser : `${browser} on ${system}`,
    isPhone: /\bMobile\b/.test(userAgent ?? ""),
  };
}

type Names = readonly (readonly [name: string, mark: RegExp])[];

// The order matters: most browsers also name those further down.
const browsers: Names = [
  ["Edge", /\bEdg(?:e|A|iOS)?\//],
  ["Opera", /\b(?:OPR|OPT|Opera)\//],
  ["Samsung Internet", /\bSamsungBrowser\//],
  ["Vivaldi", /\bVivaldi\//],
  ["Firefox", /\b(?:Firefox|FxiOS)\//],
  ["Chrome", /(?:\b|Headless)(?:Chrome|Chromium|CriOS)\//],
  ["Safari", /\bVersion\/\S+ .*\bSafari\//],
];

const systems: Names = [
  ["iPhone", /\biPhone\b/],
  ["iPad", /\biPad\b/],
  ["Android", /\bAndroid\b/],
  ["ChromeOS", /\bCrOS\b/],
  ["Windows", /\bWindows\b/],
  ["Mac", /\bMacintosh\b/],
  ["Linux", /\bLinux\b/],
];

function findName(names: Names, userAgent: string): string | undefined {
  return names.find(([, mark]) => mark.test(userAgent))?.[0];
}
