import { callbackPath } from "./sign-in/wanted-page.js";

/** Returns the APP_URL that the server wrote into the page. */
export function readAppUrl(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name="app-url"]')
    ?.content;
}

/**
 * Returns the address of the same page under APP_URL, or `undefined` if `address` is under APP_URL already. Under another
 * name (`127.0.0.1`, `www.`) nobody can sign in: the server refuses every call of such a page, and the cookies belong to
 * APP_URL.
 */
export function findOwnAddress(
  appUrl: string | undefined,
  address: string,
): string | undefined {
  if (appUrl === undefined || !URL.canParse(appUrl)) return undefined;
  const { origin } = new URL(appUrl);
  const page = new URL(address);
  if (page.origin === origin) return undefined;
  // A code that arrived under the wrong name is not put into a link.
  if (page.pathname.replace(/\/$/, "") === callbackPath) return `${origin}/`;
  return `${origin}${page.pathname}${page.search}${page.hash}`;
}
