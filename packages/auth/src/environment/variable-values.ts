import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { findAuthorityMistake } from "../core/provider/authority.js";
import { appPathPattern } from "../core/auth-settings.js";
import { isLoopbackHost } from "../core/provider/loopback-host.js";
import {
  parseCertificates,
  parseClientKey,
} from "../msal/client-certificate.js";

const minimumSecretBytes = 32;
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const domain =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const base64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

export function wholeNumber(
  least: number,
  most: number,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const isAcceptable = /^\d+$/.test(text) && value >= least && value <= most;
    return isAcceptable
      ? value
      : refuse(`must be a whole number from ${least} to ${most}`);
  };
}

export function parseAppUrl(text: string): string {
  const url = URL.canParse(text)
    ? new URL(text)
    : refuse("must be a URL, such as https://app.example.com");
  if (
    !appPathPattern.test(url.pathname) ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== "" ||
    url.password !== ""
  ) {
    refuse(
      "must be an origin, optionally with a path of letters, digits and -._~, without query, fragment or credentials",
    );
  }
  const isSafe =
    url.protocol === "https:" ||
    (url.protocol === "http:" && isLoopbackHost(url.hostname));
  return isSafe
    ? `${url.origin}${url.pathname.replace(/\/$/, "")}`
    : refuse("must be https; plain http is for loopback hosts only");
}

export function parseSecrets(text: string): readonly Uint8Array[] {
  return text.split(",").map((part) => {
    const secret = part.trim();
    const bytes = base64.test(secret)
      ? Buffer.from(secret, "base64")
      : refuse("must be base64, or a comma-separated list");
    return bytes.length >= minimumSecretBytes
      ? bytes
      : refuse(
          `must hold at least ${minimumSecretBytes} random bytes: openssl rand -base64 32`,
        );
  });
}

export function parseAuthority(text: string, isProduction: boolean): string {
  const mistake = findAuthorityMistake(text);
  if (mistake !== undefined) refuse(mistake);
  const { protocol, origin } = new URL(text);
  return isProduction && protocol === "http:"
    ? refuse("must be https with NODE_ENV=production")
    : origin;
}

export function parseTenant(text: string): string {
  const tenant = text.toLowerCase();
  const isKnown =
    ["organizations", "common", "consumers"].includes(tenant) ||
    guid.test(tenant) ||
    domain.test(tenant);
  return isKnown
    ? tenant
    : refuse(
        "must be a tenant ID, a domain, organizations, common or consumers",
      );
}

/** Converts a GUID to lower case, because the client ID is compared with the `aud` of tokens. */
export function parseClientId(text: string): string {
  const clientId = text.trim();
  return guid.test(clientId.toLowerCase()) ? clientId.toLowerCase() : clientId;
}

export function parseTenantIds(text: string): readonly string[] {
  const ids = text.split(",").map((id) => id.trim().toLowerCase());
  return ids.every((id) => guid.test(id))
    ? ids
    : refuse("must be a comma-separated list of tenant IDs, which are GUIDs");
}

export function parseTenantId(text: string): string {
  const id = text.trim().toLowerCase();
  return guid.test(id) ? id : refuse("must be a tenant ID, which is a GUID");
}

/**
 * Returns the PEM text. It may contain several certificates; the client's is the one that belongs to the private key.
 */
export function readCertificates(path: string): string {
  const pem = readText(path);
  inFile(() => parseCertificates(pem));
  return pem;
}

export function readPrivateKey(path: string): string {
  const pem = readText(path);
  inFile(() => parseClientKey(pem));
  return pem;
}

/** Runs the check and prefixes its error, because the variable contains the name of a file. */
function inFile(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    refuse(
      `names a file that ${error instanceof Error ? error.message : "cannot be read"}`,
    );
  }
}

/** Returns the path of a readable file. Its content is read at each exchange, because the platform replaces it. */
export function parseTokenFile(path: string): string {
  readText(path);
  return path;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return refuse("names a file that cannot be read");
  }
}

export function parseProxies(text: string): readonly string[] {
  const proxies = text.split(",").map((proxy) => proxy.trim());
  return proxies.every((proxy) => proxy === "private" || isAddressRange(proxy))
    ? proxies
    : refuse(
        "must be a comma-separated list of IP addresses, CIDR ranges, or private for all addresses of private networks and of this machine",
      );
}

function isAddressRange(text: string): boolean {
  const [, address = "", bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(bits ?? 0) <= (version === 4 ? 32 : 128);
}

export function parseBoolean(text: string): boolean {
  return text === "true" || text === "false"
    ? text === "true"
    : refuse("must be true or false");
}

function refuse(message: string): never {
  throw new TypeError(message);
}
