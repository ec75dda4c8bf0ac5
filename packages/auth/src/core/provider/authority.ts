import { isLoopbackHost } from "./loopback-host.js";

/** The names of Microsoft's clouds in their discovery documents and error messages. */
const cloudNames = [
  "microsoftonline.com",
  "microsoftonline.us",
  "partner.microsoftonline.cn",
  "sovcloud-identity.fr",
  "sovcloud-identity.de",
  "sovcloud-identity.sg",
] as const;

/** Other hosts of a cloud. Its issuer, keys and redirects do not use them. */
const aliases: Readonly<Record<string, string>> = {
  "login.windows.net": "https://login.microsoftonline.com",
  "login.microsoft.com": "https://login.microsoftonline.com",
  "sts.windows.net": "https://login.microsoftonline.com",
  "login.chinacloudapi.cn": "https://login.partner.microsoftonline.cn",
  "login-us.microsoftonline.com": "https://login.microsoftonline.us",
  "login.usgovcloudapi.net": "https://login.microsoftonline.us",
};

/**
 * Returns why an authority is invalid, as the predicate of a sentence whose subject is its name; `undefined` if it is valid.
 * An authority is an origin: https, or plain http on a loopback host.
 */
export function findAuthorityMistake(authority: string): string | undefined {
  const url = URL.canParse(authority) ? new URL(authority) : undefined;
  const alias = url === undefined ? undefined : findAlias(url.hostname);
  if (alias !== undefined) return `is an alias of a cloud: use ${alias}`;
  if (
    url === undefined ||
    url.pathname !== "/" ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== "" ||
    url.password !== ""
  )
    return "must be an origin such as https://login.microsoftonline.com, without a tenant: set the tenant with the option tenant (ENTRA_TENANT)";
  if (
    url.protocol !== "https:" &&
    !(url.protocol === "http:" && isLoopbackHost(url.hostname))
  )
    return "must be https; plain http is for loopback hosts only";
  return undefined;
}

function findAlias(hostname: string): string | undefined {
  return Object.hasOwn(aliases, hostname) ? aliases[hostname] : undefined;
}

/**
 * Returns the authority's origin.
 *
 * @throws {TypeError} if it is not an origin, is an alias host of a cloud, or is plain http on a host that is not loopback.
 */
export function parseAuthority(authority: string): string {
  const mistake = findAuthorityMistake(authority);
  if (mistake !== undefined) throw new TypeError(`The authority ${mistake}.`);
  return new URL(authority).origin;
}

/** Returns the authority of the Microsoft cloud with this name or host; `undefined` if there is none. */
export function findCloudAuthority(nameOrHost: string): string | undefined {
  const cloud = cloudNames.find((name) =>
    [name, `login.${name}`].includes(nameOrHost.toLowerCase()),
  );
  return cloud === undefined ? undefined : `https://login.${cloud}`;
}
