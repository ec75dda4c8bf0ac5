/** What happens to the page, as far as a sign-in cares. */
export type PageEvent =
  /** The visitor looks at the page again, or the network is back. */
  | "returned"
  /** The page goes into the back/forward cache: what it shows now is what a later visitor would see first. */
  | "frozen"
  /** The page comes out of the back/forward cache. */
  | "restored"
  /** Another tab of this browser signed in. */
  | "signed_in_elsewhere"
  /** Another tab of this browser signed out. */
  | "signed_out_elsewhere";

/** What tabs tell each other. */
export type TabMessage = "signed_in" | "signed_out";

/** The browser page as a port: everything that `AuthProvider` needs of the window. */
export interface BrowserPage {
  /** Milliseconds since the epoch. */
  now(): number;

  /** Runs the action once after the delay; the answer cancels it. */
  after(milliseconds: number, action: () => void): () => void;

  /** The current address, absolute. */
  address(): string;

  /** Takes query and fragment off the address bar and out of the history, without a request. */
  removeQuery(): void;

  /** Leaves for an absolute http(s) URL. */
  navigate(url: string): void;

  /** Tells the other tabs of this browser. */
  tell(message: TabMessage): void;

  /** Listens until the answer is called. */
  listen(listener: (event: PageEvent) => void): () => void;
}

/** Creates the port to the real window. */
export function createBrowserPage(): BrowserPage {
  // One channel object for both directions: a page does not hear what it says itself, but hears its second channel.
  let channel: BroadcastChannel | undefined;
  return {
    now: () => Date.now(),
    after: (milliseconds, action) => {
      const timer = setTimeout(action, Math.min(milliseconds, longestTimeout));
      return () => clearTimeout(timer);
    },
    address: () => window.location.href,
    // The history's own state stays: routers keep their position in it.
    removeQuery: () =>
      window.history.replaceState(
        window.history.state,
        "",
        window.location.pathname,
      ),
    navigate: (url) => window.location.assign(requireWebUrl(url)),
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin; no such argument
    tell: (message) => channel?.postMessage(message),
    listen: (listener) => {
      const stopListening = listenToWindow(listener);
      channel = openChannel(listener);
      return () => {
        stopListening();
        channel?.close();
        channel = undefined;
      };
    },
  };
}

// A longer delay overflows the timer's 32 bits and would run at once.
const longestTimeout = 2 ** 31 - 1;

const channelName = "entrada-auth";

// A parsed, absolute URL: a relative one such as `//elsewhere.test` would be resolved, and `javascript:` would run.
function requireWebUrl(url: string): string {
  const { protocol, href } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:")
    throw new TypeError("Refused to navigate to a URL that is not http(s).");
  return href;
}

function listenToWindow(listener: (event: PageEvent) => void): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  const returned = () => {
    if (document.visibilityState === "visible") listener("returned");
  };
  document.addEventListener("visibilitychange", returned, { signal });
  window.addEventListener("focus", returned, { signal });
  window.addEventListener("online", returned, { signal });
  window.addEventListener(
    "pagehide",
    (event) => event.persisted && listener("frozen"),
    { signal },
  );
  window.addEventListener(
    "pageshow",
    (event) => event.persisted && listener("restored"),
    { signal },
  );
  return () => listening.abort();
}

function openChannel(
  listener: (event: PageEvent) => void,
): BroadcastChannel | undefined {
  if (typeof BroadcastChannel === "undefined") return undefined;
  const channel = new BroadcastChannel(channelName);
  channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (data === "signed_in") listener("signed_in_elsewhere");
    if (data === "signed_out") listener("signed_out_elsewhere");
  });
  return channel;
}
