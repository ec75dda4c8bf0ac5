import type { BrowserPage, PageEvent, TabMessage } from "../browser-page.js";

/** A whole `BrowserPage` in memory, with a clock that a test moves. */
export interface FakeBrowserPage extends BrowserPage {
  /** Where the page was told to go. */
  readonly navigations: string[];
  /** What the other tabs were told. */
  readonly messages: TabMessage[];
  /** How many listen at the moment. */
  readonly listenerCount: number;
  /** The address bar. */
  currentAddress: string;
  /** Lets something happen to the page. */
  emit(event: PageEvent): void;
  /** Moves the clock and runs what is due. */
  advance(milliseconds: number): void;
}

export function createFakeBrowserPage(): FakeBrowserPage {
  const listeners = new Set<(event: PageEvent) => void>();
  const timers = new Map<() => void, number>();
  let now = Date.parse("2026-01-01T00:00:00.000Z");

  const page: FakeBrowserPage = {
    navigations: [],
    messages: [],
    get listenerCount() {
      return listeners.size;
    },
    currentAddress: "https://app.test/workspace?tab=notice#top",
    emit: (event) => listeners.forEach((listener) => listener(event)),
    advance: (milliseconds) => {
      now += milliseconds;
      for (const [action, dueAt] of timers) {
        if (dueAt > now) continue;
        timers.delete(action);
        action();
      }
    },
    now: () => now,
    after: (milliseconds, action) => {
      const timer = () => action();
      timers.set(timer, now + milliseconds);
      return () => timers.delete(timer);
    },
    address: () => page.currentAddress,
    removeQuery: () => {
      const { origin, pathname } = new URL(page.currentAddress);
      page.currentAddress = `${origin}${pathname}`;
    },
    navigate: (url) => page.navigations.push(url),
    tell: (message) => page.messages.push(message),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return page;
}
