import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { findAuthorityMistake, isLoopbackHost } from "@entrada/auth";
import { parseCertificates, parseClientKey } from "@entrada/auth/msal";
import * as z from "zod/mini";

/** The cloud instance that most tenants are in. */
export const publicAuthority = "https://login.microsoftonline.com";

const minimumSecretBytes = 32;
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const domain =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const logLevels: readonly string[] = [
  "fatal",
  "error",
  "warn",
  "info",
  "debug",
  "trace",
  "silent",
];
const base64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** A text that `parse` turns into a value or refuses, saying in its error what would be right. */
export function variable<Value>(
  parse: (text: string) => Value,
  remedy = "is missing",
) {
  const parsed = z.transform((text: string, context): Value => {
    try {
      return parse(text);
    } catch (error) {
      context.issues.push({
        code: "custom",
        input: text,
        message: error instanceof Error ? error.message : "cannot be read",
      });
      return z.NEVER;
    }
  });
  return z.pipe(z.string({ error: remedy }), parsed);
}

export function wholeNumber(least: number, most: number) {
  return variable((text) => {
    const value = Number(text);
    const isAcceptable = /^\d+$/.test(text) && value >= least && value <= most;
    return isAcceptable
      ? value
      : refuse(`has to be a whole number from ${least} to ${most}`);
  });
}

export function parseAppUrl(text: string): string {
  const url = URL.canParse(text)
    ? new URL(text)
    : refuse("has to be a URL, such as https://app.example.com");
  if (
    url.pathname !== "/" ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== "" ||
    url.password !== ""
  ) {
    refuse("has to be an origin: without path, query, fragment or credentials");
  }
  const isSafe =
    url.protocol === "https:" ||
    (url.protocol === "http:" && isLoopbackHost(url.hostname));
  return isSafe
    ? url.origin
    : refuse("has to be https; plain http is for loopback hosts alone");
}

export function parseSecrets(text: string): readonly Uint8Array[] {
  return text.split(",").map((part) => {
    const secret = part.trim();
    const bytes = base64.test(secret)
      ? Buffer.from(secret, "base64")
      : refuse("has to be base64, or a comma-separated list");
    return bytes.length >= minimumSecretBytes
      ? bytes
      : refuse(
          `has to hold at least ${minimumSecretBytes} random bytes: openssl rand -base64 32`,
        );
  });
}

export function parseAuthority(text: string, isProduction: boolean): string {
  const mistake = findAuthorityMistake(text);
  if (mistake !== undefined) refuse(mistake);
  const { protocol, origin } = new URL(text);
  return isProduction && protocol === "http:"
    ? refuse("has to be https with NODE_ENV=production")
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
        "has to be a tenant ID, a domain, organizations, common or consumers",
      );
}

/** A client ID is a GUID in practice, and compared letter by letter with the `aud` of tokens, where it is lower case. */
export function parseClientId(text: string): string {
  const clientId = text.trim();
  return guid.test(clientId.toLowerCase()) ? clientId.toLowerCase() : clientId;
}

export function parseTenantIds(text: string): readonly string[] {
  const ids = text.split(",").map((id) => id.trim().toLowerCase());
  return ids.every((id) => guid.test(id))
    ? ids
    : refuse("has to be a comma-separated list of tenant IDs, which are GUIDs");
}

export function parseTenantId(text: string): string {
  const id = text.trim().toLowerCase();
  return guid.test(id) ? id : refuse("has to be a tenant ID, which is a GUID");
}

/** Which of the certificates is the client's is decided by the key. */
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

/** Completes what is wrong with a text by where it comes from. */
function inFile(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    refuse(
      `names a file that ${error instanceof Error ? error.message : "cannot be read"}`,
    );
  }
}

/** The platform may replace the file while we run, so only that it is there counts now. */
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
        "has to be a comma-separated list of IP addresses, CIDR ranges, or private, which stands for all addresses of private networks and of this machine",
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
    : refuse("has to be true or false");
}

export function parseLogLevel(text: string): string {
  return logLevels.includes(text)
    ? text
    : refuse(`has to be one of ${logLevels.join(", ")}`);
}

function refuse(message: string): never {
  throw new TypeError(message);
}
