import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { waitUntil } from "./deadline.js";

function never(): Promise<never> {
  return new Promise(() => undefined);
}

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
