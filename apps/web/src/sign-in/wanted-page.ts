import { keepInTab, readFromTab, removeFromTab } from "./tab-storage.js";

const storageKey = "entrada.wanted-page";
/** The path of the redirect URI. */
export const callbackPath = "/auth/callback";

/** Returns the page the visitor wants: the current one, or the remembered one while the sign-in is being completed. */
export function findWantedPage(): string {
  return window.location.pathname === callbackPath
    ? toOwnPage(readFromTab(storageKey))
    : window.location.href;
}

/** Keeps the page, for this tab, until the sign-in has succeeded: a failed one is tried again with it. */
export function rememberWantedPage(url: string): void {
  keepInTab(storageKey, url);
}

export function forgetWantedPage(): void {
  removeFromTab(storageKey);
}

/** Returns the absolute address of our own page that `url` denotes, or the start page if it leads anywhere else. */
export function toOwnPage(url: string | undefined): string {
  const { origin } = window.location;
  const start = new URL("/", origin).href;
  if (url === undefined || !URL.canParse(url)) return start;

  const page = new URL(url);
  const isOwn = page.origin === origin && page.pathname !== callbackPath;
  return isOwn ? page.href : start;
}
