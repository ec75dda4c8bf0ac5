import type { BrowserPage, PageEvent, TabMessage } from "../browser-page.js";

/** A `BrowserPage` in memory, with a clock that a test advances. */
export interface FakeBrowserPage extends BrowserPage {
  /** The URLs that the page navigated to. */
  readonly navigations: string[];
  /** The messages that were sent to the other tabs. */
  readonly messages: TabMessage[];
  /** The number of active listeners. */
  readonly listenerCount: number;
  /** The address bar. */
  currentAddress: string;
  /** Calls the listeners with the event. */
  emit(event: PageEvent): void;
  /** Advances the clock and runs the due actions. */
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
    notifyTabs: (message) => page.messages.push(message),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return page;
}
