// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { createBrowserPage } from "./browser-page.js";
import type { BrowserPage, PageEvent } from "./browser-page.js";

const opened: (() => void)[] = [];

afterEach(() => {
  opened.splice(0).forEach((stop) => stop());
  window.history.replaceState(null, "", "/");
});

describe("createBrowserPage", () => {
  it("removes query and fragment from the address and the history", () => {
    window.history.replaceState({ key: "k-1" }, "", "/auth/callback?code=c#f");
    const entries = window.history.length;

    createBrowserPage().removeQuery();

    expect(window.location.pathname).toBe("/auth/callback");
    expect(window.location.href).not.toMatch(/[?#]/);
    expect(window.history.length).toBe(entries);
    expect(window.history.state).toEqual({ key: "k-1" });
  });

  it.each([
    "//elsewhere.test/",
    "/workspace",
    "javascript:alert(1)",
    "data:,x",
  ])("refuses to navigate to %s", (url) => {
    expect(() => createBrowserPage().navigate(url)).toThrow(TypeError);
  });

  it("reports that the visitor returns, and that the page enters or leaves the back/forward cache", () => {
    const { events } = listen();

    window.dispatchEvent(new Event("focus"));
    window.dispatchEvent(new Event("online"));
    document.dispatchEvent(new Event("visibilitychange"));
    window.dispatchEvent(createTransition("pagehide", true));
    window.dispatchEvent(createTransition("pageshow", true));

    expect(events).toEqual([
      "returned",
      "returned",
      "returned",
      "frozen",
      "restored",
    ]);
  });

  it("does not report the first load as a return", () => {
    const { events } = listen();

    window.dispatchEvent(createTransition("pageshow", false));
    window.dispatchEvent(createTransition("pagehide", false));

    expect(events).toEqual([]);
  });

  it("receives the messages of other tabs and not its own", async () => {
    const one = listen();
    const other = listen();
    const heard = one.next();

    one.page.notifyTabs("signed_in");
    other.page.notifyTabs("signed_out");
    await heard;

    expect(one.events).toEqual(["signed_out_elsewhere"]);
  });

  it("reports nothing after it was stopped", () => {
    const { events, stop } = listen();

    stop();
    window.dispatchEvent(new Event("focus"));

    expect(events).toEqual([]);
  });
});

function listen(): {
  readonly page: BrowserPage;
  readonly events: PageEvent[];
  readonly stop: () => void;
  readonly next: () => Promise<void>;
} {
  const events: PageEvent[] = [];
  let heard: (() => void) | undefined;
  const page = createBrowserPage();
  const stop = page.listen((event) => {
    events.push(event);
    heard?.();
  });
  opened.push(stop);
  const next = () =>
    new Promise<void>((resolve) => {
      heard = resolve;
    });
  return { page, events, stop, next };
}

// happy-dom has no PageTransitionEvent.
function createTransition(type: string, persisted: boolean): Event {
  return Object.assign(new Event(type), { persisted });
}
