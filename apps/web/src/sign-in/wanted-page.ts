import { readAppPath } from "../app-address.js";
import { keepInTab, readFromTab, removeFromTab } from "./tab-storage.js";

const storageKey = "entrada.wanted-page";
/** The path of the redirect URI below APP_URL. */
export const callbackPath = "/auth/callback";

/** Returns the wanted page: the current one, or on the callback page the stored one. */
export function findWantedPage(): string {
  return window.location.pathname === `${readAppPath()}${callbackPath}`
    ? toOwnPage(readFromTab(storageKey))
    : window.location.href;
}

/** Stores the page for this tab until a sign-in has succeeded, so that a new attempt can use it. */
export function rememberWantedPage(url: string): void {
  keepInTab(storageKey, url);
}

export function forgetWantedPage(): void {
  removeFromTab(storageKey);
}

/** Returns the absolute URL of a page of the app, or the start page for any other URL. */
export function toOwnPage(url: string | undefined): string {
  const { origin } = window.location;
  const appPath = readAppPath();
  const start = `${origin}${appPath}/`;
  if (url === undefined || !URL.canParse(url)) return start;

  const page = new URL(url);
  const isOwn =
    page.origin === origin &&
    page.pathname.startsWith(`${appPath}/`) &&
    page.pathname !== `${appPath}${callbackPath}`;
  return isOwn ? page.href : start;
}
