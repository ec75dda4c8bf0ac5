import { callbackPath } from "./sign-in/wanted-page.js";

/** Returns the APP_URL that the server inserted into the page. */
export function readAppUrl(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name="app-url"]')
    ?.content;
}

/**
 * Returns the address of the same page at APP_URL, or `undefined` if `address` has that origin already. On another
 * origin (`127.0.0.1`, `www.`) sign-in is impossible: the server refuses its requests, and the cookies belong to
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
  // The link must not contain an authorization code.
  if (page.pathname.replace(/\/$/, "") === callbackPath) return `${origin}/`;
  return `${origin}${page.pathname}${page.search}${page.hash}`;
}
