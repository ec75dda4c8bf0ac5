const storageKey = "entrada.wanted-page";
const callbackPath = "/auth/callback";

/** Answers the page the visitor wants: the current one, or the remembered one while the sign-in is being completed. */
export function findWantedPage(): string {
  return window.location.pathname === callbackPath
    ? readWantedPage()
    : window.location.href;
}

/** Keeps the page, for this tab, until the sign-in has succeeded: a failed one is tried again with it. */
export function rememberWantedPage(url: string): void {
  withStorage((storage) => storage.setItem(storageKey, url));
}

export function forgetWantedPage(): void {
  withStorage((storage) => storage.removeItem(storageKey));
}

/** Answers the absolute address of our own page that `url` denotes, or the start page if it leads anywhere else. */
export function toOwnPage(url: string | undefined): string {
  const { origin } = window.location;
  const start = new URL("/", origin).href;
  if (url === undefined || !URL.canParse(url)) return start;

  const page = new URL(url);
  const isOwn = page.origin === origin && page.pathname !== callbackPath;
  return isOwn ? page.href : start;
}

function readWantedPage(): string {
  return toOwnPage(
    withStorage((storage) => storage.getItem(storageKey)) ?? undefined,
  );
}

// A browser may refuse storage; then a failed sign-in is tried again to the start page.
function withStorage<Answer>(
  use: (storage: Storage) => Answer,
): Answer | undefined {
  try {
    return use(window.sessionStorage);
  } catch {
    return undefined;
  }
}
