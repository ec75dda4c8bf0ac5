/** The events of the page that affect the authentication state. */
export type PageEvent =
  /** The page is visible or focused again, or the network is back. */
  | "returned"
  /** The page goes into the back/forward cache: its current content is shown first when it is restored. */
  | "frozen"
  /** The page is restored from the back/forward cache. */
  | "restored"
  /** Another tab of this browser signed in. */
  | "signed_in_elsewhere"
  /** Another tab of this browser signed out. */
  | "signed_out_elsewhere";

/** A message to the other tabs of this browser. */
export type TabMessage = "signed_in" | "signed_out";

/** The browser page as a port: everything that `AuthProvider` needs from the window. */
export interface BrowserPage {
  /** Milliseconds since the epoch. */
  now(): number;

  /** Runs the action once after the delay. Returns the function that cancels it. */
  after(milliseconds: number, action: () => void): () => void;

  /** The current absolute URL. */
  address(): string;

  /** Removes query and fragment from the address bar and the history, without a request. */
  removeQuery(): void;

  /** Navigates to an absolute http(s) URL. */
  navigate(url: string): void;

  /** Sends the message to the other tabs of this browser. */
  notifyTabs(message: TabMessage): void;

  /** Calls the listener for each event. Returns the function that stops it. */
  listen(listener: (event: PageEvent) => void): () => void;
}

/** Creates the `BrowserPage` of the window. */
export function createBrowserPage(): BrowserPage {
  // One channel for both directions: a channel does not receive its own messages, but a second one in the page would.
  let channel: BroadcastChannel | undefined;
  return {
    now: () => Date.now(),
    after: (milliseconds, action) => {
      const timer = setTimeout(action, Math.min(milliseconds, longestTimeout));
      return () => clearTimeout(timer);
    },
    address: () => location.href,
    // Keeps `history.state`, because routers store their position in it.
    removeQuery: () =>
      history.replaceState(history.state, "", location.pathname),
    navigate: (url) => location.assign(requireWebUrl(url)),
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has no such argument
    notifyTabs: (message) => channel?.postMessage(message),
    listen: (listener) => {
      const stopListening = listenToWindow(listener);
      if (typeof BroadcastChannel !== "undefined") {
        channel = new BroadcastChannel("entrada-auth");
        channel.addEventListener("message", ({ data }: MessageEvent<unknown>) =>
          passOn(data, listener),
        );
      }
      return () => {
        stopListening();
        channel?.close();
        channel = undefined;
      };
    },
  };
}

// A longer delay overflows the timer's 32 bits, and the timer would run at once.
const longestTimeout = 2 ** 31 - 1;

// Without a base URL, a relative one such as `//elsewhere.test` throws instead of being resolved.
function requireWebUrl(url: string): string {
  const { href } = new URL(url);
  if (!/^https?:/.test(href)) throw new TypeError("Not an http(s) URL.");
  return href;
}

function listenToWindow(listener: (event: PageEvent) => void): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  const returned = () => {
    if (document.visibilityState === "visible") listener("returned");
  };
  const cached = ({ type, persisted }: PageTransitionEvent) => {
    if (persisted) listener(type === "pagehide" ? "frozen" : "restored");
  };
  document.addEventListener("visibilitychange", returned, { signal });
  addEventListener("focus", returned, { signal });
  addEventListener("online", returned, { signal });
  addEventListener("pagehide", cached, { signal });
  addEventListener("pageshow", cached, { signal });
  return () => listening.abort();
}

function passOn(message: unknown, listener: (event: PageEvent) => void): void {
  if (message === "signed_in" || message === "signed_out")
    listener(`${message}_elsewhere`);
}
