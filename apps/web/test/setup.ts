import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// happy-dom rejects the promise of a cancelled animation where browsers keep quiet. Without the method Fluent UI leaves
// its animations out.
Reflect.deleteProperty(Element.prototype, "animate");

configure({
  // A failing test waits this long; one that passes takes as long as the machine needs.
  asyncUtilTimeout: 10_000,
  // Without layout, Fluent UI cannot tell which part a dialog has to hide from screen readers: a real browser shows that.
  defaultHidden: true,
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  window.sessionStorage.clear();
});
