import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { waitUntil } from "./deadline.js";

function never(): Promise<never> {
  return new Promise(() => undefined);
}

describe("waitUntil", () => {
  it("answers what the promise answers, with and without a deadline", async () => {
    const { signal } = new AbortController();

    const answers = [
      await waitUntil(Promise.resolve("keys"), signal),
      await waitUntil(Promise.resolve("keys"), undefined),
    ];

    expect(answers).toEqual(["keys", "keys"]);
  });

  it("fails as the promise fails", async () => {
    const failure = new TypeError("fetch failed");
    const { signal } = new AbortController();

    const waiting = waitUntil(Promise.reject(failure), signal);

    await expect(waiting).rejects.toBe(failure);
  });

  it("ends the wait when the signal is aborted, and keeps its reason as the cause", async () => {
    const controller = new AbortController();
    const reason = new DOMException("8 seconds", "TimeoutError");
    const waiting = waitUntil(never(), controller.signal);

    controller.abort(reason);

    await expect(waiting).rejects.toMatchObject({
      code: "identity_provider_unavailable",
      cause: reason,
    });
  });

  it("does not wait for a signal that was aborted before", async () => {
    const waiting = waitUntil(never(), AbortSignal.abort());

    await expect(waiting).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
  });

  it.each([
    ["answered", () => Promise.resolve("keys")],
    ["failed", () => Promise.reject(new TypeError("fetch failed"))],
  ])(
    "leaves nothing behind on a signal that others wait for, once the promise has %s",
    async (_, ask) => {
      const { signal } = new AbortController();

      await waitUntil<string>(ask(), signal).catch(() => undefined);

      expect(getEventListeners(signal, "abort")).toEqual([]);
    },
  );
});
