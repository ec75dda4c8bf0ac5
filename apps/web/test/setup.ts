import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// Unlike browsers, happy-dom rejects the promise of a cancelled animation. Without the method Fluent UI skips
// animations.
Reflect.deleteProperty(Element.prototype, "animate");

configure({
  // Only failing tests wait this long.
  asyncUtilTimeout: 10_000,
  // Without layout, Fluent UI cannot determine what a dialog hides from screen readers. The browser tests cover that.
  defaultHidden: true,
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  window.sessionStorage.clear();
});
