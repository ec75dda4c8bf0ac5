import { isLoopbackHost } from "./loopback-host.js";

/** Microsoft's clouds by the name that their discovery documents and error messages use. */
const cloudNames = [
  "microsoftonline.com",
  "microsoftonline.us",
  "partner.microsoftonline.cn",
  "sovcloud-identity.fr",
  "sovcloud-identity.de",
  "sovcloud-identity.sg",
] as const;

/** Hosts that serve a cloud as well, but that its issuer, its keys and its redirects do not name. */
const aliases: Readonly<Record<string, string>> = {
  "login.windows.net": "https://login.microsoftonline.com",
  "login.microsoft.com": "https://login.microsoftonline.com",
  "sts.windows.net": "https://login.microsoftonline.com",
  "login.chinacloudapi.cn": "https://login.partner.microsoftonline.cn",
  "login-us.microsoftonline.com": "https://login.microsoftonline.us",
  "login.usgovcloudapi.net": "https://login.microsoftonline.us",
};

/**
 * Returns what is wrong with an authority, as the rest of a sentence that begins with its name; `undefined` if nothing is.
 * An authority is an origin: https, or plain http on a loopback host.
 */
export function findAuthorityMistake(authority: string): string | undefined {
  const url = URL.canParse(authority) ? new URL(authority) : undefined;
  const alias = url === undefined ? undefined : findAlias(url.hostname);
  if (alias !== undefined) return `names an alias of the cloud: use ${alias}`;
  if (
    url === undefined ||
    url.pathname !== "/" ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== "" ||
    url.password !== ""
  )
    return "has to be an origin such as https://login.microsoftonline.com, without a tenant: that goes into the option tenant (ENTRA_TENANT)";
  if (
    url.protocol !== "https:" &&
    !(url.protocol === "http:" && isLoopbackHost(url.hostname))
  )
    return "has to be https; plain http is for loopback hosts alone";
  return undefined;
}

function findAlias(hostname: string): string | undefined {
  return Object.hasOwn(aliases, hostname) ? aliases[hostname] : undefined;
}

/**
 * Returns the authority's origin.
 *
 * @throws {TypeError} if it is not an origin, names an alias host, or is plain http on a host that is not loopback.
 */
export function parseAuthority(authority: string): string {
  const mistake = findAuthorityMistake(authority);
  if (mistake !== undefined) throw new TypeError(`The authority ${mistake}.`);
  return new URL(authority).origin;
}

/** Returns the authority of a cloud of Microsoft's by its name or its host; `undefined` if it is none of them. */
export function findCloudAuthority(nameOrHost: string): string | undefined {
  const cloud = cloudNames.find((name) =>
    [name, `login.${name}`].includes(nameOrHost.toLowerCase()),
  );
  return cloud === undefined ? undefined : `https://login.${cloud}`;
}
