import type { Auth } from "../core/auth.js";
import { isLoopbackHost } from "../core/provider/loopback-host.js";
import { AuthError } from "../core/error.js";
import type { FlowId } from "../core/identifiers.js";
import type { ResponseHeaders } from "./response-headers.js";

/** The settings that determine the names and attributes of an application's cookies. */
export type CookieSettings = Pick<Auth, "appUrl" | "sameSite">;

/** The names and attributes of this application's cookies. */
export interface CookieNames {
  readonly session: string;
  readonly flowPrefix: string;
  readonly attributes: string;
}

const maximumFlowCookies = 30;
// Each removal is one header line, and response headers are limited too. The next response removes more.
const maximumRemovals = 50;
const defaultHttpPort = "80";
const flowValuePattern = /^([A-Za-z0-9_-]{43})\.(\d{1,12})$/;

/**
 * Returns the names and attributes of this application's cookies. On https the prefix makes the browser reject a cookie
 * that was set by script, for another path or from a sibling domain. Plain http is for a loopback application in
 * development.
 *
 * Cookies are not separated by port, and the prefix allows no path. The port and, on https, the application's path are
 * therefore part of the name, so that several applications on one host do not sign each other out.
 *
 * @throws {TypeError} if the application is on plain http and not on loopback.
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis | RFC 6265bis §4.1.3} on the prefix
 */
export function createCookieNames({
  appUrl,
  sameSite,
}: CookieSettings): CookieNames {
  const { protocol, hostname, port, pathname } = new URL(appUrl);
  const attributes = `HttpOnly; SameSite=${sameSite === "lax" ? "Lax" : "Strict"}`;
  if (protocol === "https:") {
    const place = formatPlace(`${port === "" ? "" : `/${port}`}${pathname}`);
    return {
      session: `__Host-Http-session${place}`,
      flowPrefix: `__Host-Http-flow${place}.`,
      attributes: `Path=/; Secure; ${attributes}`,
    };
  }
  if (!isLoopbackHost(hostname)) {
    throw new TypeError(
      "An application on plain http must be on a loopback host, because its cookies are sent unencrypted.",
    );
  }
  const place = `-${port === "" ? defaultHttpPort : port}`;
  return {
    session: `session${place}`,
    flowPrefix: `flow${place}.`,
    attributes: `Path=/; ${attributes}`,
  };
}

/** `/8443/hr` becomes `-8443-hr`. */
function formatPlace(path: string): string {
  return path.replace(/\/$/, "").replaceAll(/[^A-Za-z0-9]/g, "-");
}

/** Returns the cookies of a request's `Cookie` header; of two with one name, the first (RFC 6265 §5.4). */
export function parseCookies(
  header: string | null | undefined,
): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header?.split(";") ?? []) {
    const separator = pair.indexOf("=");
    if (separator < 0) continue;
    const name = trimBlanks(pair.slice(0, separator));
    if (!cookies.has(name))
      cookies.set(name, trimBlanks(pair.slice(separator + 1)));
  }
  return cookies;
}

/**
 * Removes the white space of RFC 6265 §5.2: blanks and tabs. `trim` removes more, such as a no-break space. Browsers do
 * not enforce the prefix rules for a name that begins with one, so `trim` would accept a forged cookie.
 */
function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Returns the `Set-Cookie` that stores a value for `maxAgeSeconds`. */
export function formatCookie(
  names: CookieNames,
  name: string,
  value: string,
  maxAgeSeconds: number,
): string {
  return `${name}=${value}; Max-Age=${Math.floor(maxAgeSeconds)}; ${names.attributes}`;
}

/** Returns the `Set-Cookie` that removes a cookie. */
export function formatRemoval(names: CookieNames, name: string): string {
  return formatCookie(names, name, "", 0);
}

/** Returns the value of a flow's cookie: its browser token and the time, by which the oldest cookies are found. */
export function formatFlowValue(browserToken: string, now: Date): string {
  return `${browserToken}.${Math.floor(now.getTime() / 1000)}`;
}

/** Returns the browser token in this flow's cookie. */
export function readBrowserToken(
  names: CookieNames,
  cookies: ReadonlyMap<string, string>,
  flowId: FlowId | undefined,
): string | undefined {
  return flowValuePattern.exec(
    cookies.get(`${names.flowPrefix}${flowId ?? ""}`) ?? "",
  )?.[1];
}

/**
 * Returns the names of the flow cookies to remove when one more is set: the oldest ones beyond 30. Otherwise abandoned
 * sign-ins would fill the request header until servers respond with 431.
 */
export function listSurplusFlowCookies(
  names: CookieNames,
  cookies: ReadonlyMap<string, string>,
  alreadySet = 0,
): readonly string[] {
  const kept = Math.max(0, maximumFlowCookies - 1 - alreadySet);
  return (
    listFlowCookies(names, cookies)
      // Browsers send older cookies first (RFC 6265 §5.4): of those of one second, the last is the newest.
      .toReversed()
      .toSorted((one, other) => other.createdAtSeconds - one.createdAtSeconds)
      .slice(kept, maximumFlowCookies + maximumRemovals)
      .map(({ name }) => name)
  );
}

/**
 * Returns how many flow cookies the response sets so far: a batch may start several sign-ins.
 *
 * @throws {AuthError} `invalid_request` if the maximum is reached.
 */
export function countNewFlowCookies(
  names: CookieNames,
  responseHeaders: Pick<ResponseHeaders, "getSetCookie">,
): number {
  const count = responseHeaders
    .getSetCookie()
    .filter(
      (line) =>
        line.startsWith(names.flowPrefix) && !line.includes("; Max-Age=0;"),
    ).length;
  if (count < maximumFlowCookies) return count;
  throw new AuthError(
    "invalid_request",
    `One request can start at most ${maximumFlowCookies} sign-ins.`,
  );
}

/** Returns the names of all flow cookies that the browser sent. */
export function listFlowCookieNames(
  names: CookieNames,
  cookies: ReadonlyMap<string, string>,
): readonly string[] {
  return listFlowCookies(names, cookies).map(({ name }) => name);
}

function listFlowCookies(
  names: CookieNames,
  cookies: ReadonlyMap<string, string>,
): readonly { readonly name: string; readonly createdAtSeconds: number }[] {
  return [...cookies]
    .filter(([name]) => name.startsWith(names.flowPrefix))
    .map(([name, value]) => ({
      name,
      createdAtSeconds: Number(flowValuePattern.exec(value)?.[2] ?? 0),
    }));
}

/** Returns a function that reads this application's session cookie from a `Cookie` header. */
export function createSessionCookieReader(
  settings: CookieSettings,
): (header: string | null | undefined) => string | undefined {
  const { session } = createCookieNames(settings);
  return (header) => parseCookies(header).get(session);
}
