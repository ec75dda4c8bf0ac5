/** Returns the APP_URL that the server inserted into the page. */
export function readAppUrl(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name="app-url"]')
    ?.content;
}

/** Returns the path of APP_URL without a trailing slash, which every path of the app begins with; empty for an origin. */
export function readAppPath(): string {
  return toAppPath(readAppUrl());
}

/** Returns the path of this APP_URL without a trailing slash. */
export function toAppPath(appUrl: string | undefined): string {
  return appUrl !== undefined && URL.canParse(appUrl)
    ? new URL(appUrl).pathname.replace(/\/$/, "")
    : "";
}
