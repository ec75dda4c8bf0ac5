/** What a browser said about itself, as far as people care. */
export interface Device {
  /** "Edge on Windows", or "Unknown browser". */
  readonly name: string;
  readonly isPhone: boolean;
}

/**
 * Returns what a `User-Agent` says. That is a hint for the person who recognises their own browsers, not a proof: browsers
 * hide their versions, some call themselves Chrome, and an iPad calls itself a Mac.
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

// In this order: most browsers also claim to be those further down.
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
