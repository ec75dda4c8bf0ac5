import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { waitUntil, withDeadline } from "./deadline.js";

function never(): Promise<never> {
  return new Promise(() => undefined);
}

afterEach(() => {
  vi.useRealTimers();
});

describe("withDeadline", () => {
  it("returns what the run returns, and leaves no timer", async () => {
    vi.useFakeTimers();

    const value = await withDeadline(8000, async ({ aborted }) => aborted);

    expect(value).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("rejects with the run's error, and leaves no timer", async () => {
    vi.useFakeTimers();
    const failure = new TypeError("fetch failed");

    const running = withDeadline(8000, () => Promise.reject(failure));

    await expect(running).rejects.toBe(failure);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("aborts the signal with a TimeoutError when the time has passed", async () => {
    vi.useFakeTimers();
    const running = withDeadline(8000, (signal) => waitUntil(never(), signal));
    const settled = expect(running).rejects.toMatchObject({
      code: "identity_provider_unavailable",
      cause: { name: "TimeoutError" },
    });

    await vi.advanceTimersByTimeAsync(8000);

    await settled;
  });
});

describe("waitUntil", () => {
  it("returns the promise's value, with and without a deadline", async () => {
    const { signal } = new AbortController();

    const values = [
      await waitUntil(Promise.resolve("keys"), signal),
      await waitUntil(Promise.resolve("keys"), undefined),
    ];

    expect(values).toEqual(["keys", "keys"]);
  });

  it("rejects with the promise's error", async () => {
    const failure = new TypeError("fetch failed");
    const { signal } = new AbortController();

    const waiting = waitUntil(Promise.reject(failure), signal);

    await expect(waiting).rejects.toBe(failure);
  });

  it("rejects when the signal is aborted, with its reason as the cause", async () => {
    const controller = new AbortController();
    const reason = new DOMException("8 seconds", "TimeoutError");
    const waiting = waitUntil(never(), controller.signal);

    controller.abort(reason);

    await expect(waiting).rejects.toMatchObject({
      code: "identity_provider_unavailable",
      cause: reason,
    });
  });

  it("rejects at once if the signal is already aborted", async () => {
    const waiting = waitUntil(never(), AbortSignal.abort());

    await expect(waiting).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
  });

  it.each([
    ["resolved", () => Promise.resolve("keys")],
    ["rejected", () => Promise.reject(new TypeError("fetch failed"))],
  ])(
    "removes its listener from the signal once the promise has %s",
    async (_, ask) => {
      const { signal } = new AbortController();

      await waitUntil<string>(ask(), signal).catch(() => undefined);

      expect(getEventListeners(signal, "abort")).toEqual([]);
    },
  );
});
