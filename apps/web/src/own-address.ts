import { toAppPath } from "./app-address.js";
import { callbackPath } from "./sign-in/wanted-page.js";

/**
 * Returns the address of the same page at APP_URL, or `undefined` if `address` is at APP_URL already. Elsewhere
 * (`127.0.0.1`, `www.`, another path) sign-in is impossible: the server refuses its requests, and the cookies belong to
 * APP_URL.
 */
export function findOwnAddress(
  appUrl: string | undefined,
  address: string,
): string | undefined {
  if (appUrl === undefined || !URL.canParse(appUrl)) return undefined;
  const { origin } = new URL(appUrl);
  const appPath = toAppPath(appUrl);
  const page = new URL(address);
  const isBelow = `${page.pathname}/`.startsWith(`${appPath}/`);
  if (page.origin === origin && isBelow) return undefined;
  // The link must not contain an authorization code.
  const isCallback =
    page.pathname.replace(/\/$/, "") === `${appPath}${callbackPath}`;
  if (isCallback || !isBelow) return `${origin}${appPath}/`;
  return `${origin}${page.pathname}${page.search}${page.hash}`;
}
