import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTestCore } from "../../testing/test-auth.js";
import type { TestCore } from "../../testing/test-auth.js";
import { AuthError } from "../error.js";
import type { PartitionKey } from "../identifiers.js";
import { addSeconds } from "../time.js";
import { withRefreshLock } from "./refresh-lock.js";

const partitionKey = "ada.contoso" as PartitionKey;
const otherPartitionKey = "ben.contoso" as PartitionKey;

let core: TestCore;
/** The events, in order. */
let diary: string[];

beforeEach(() => {
  vi.useFakeTimers();
  core = createTestCore();
  diary = [];
});

afterEach(() => {
  vi.useRealTimers();
});

/** A refresh that the test ends. */
function startRefresh(name: string, key = partitionKey) {
  let end: ((tokens: string) => void) | undefined;
  const promise = new Promise<string>((resolve) => {
    end = resolve;
  });
  const result = withRefreshLock(core, key, () => {
    diary.push(name);
    return promise;
  });
  return { result, resolve: (tokens: string) => end?.(tokens) };
}

/** Acquires the lease of the lock as another server. */
function acquireAsAnother(key = partitionKey): Promise<boolean> {
  const at = core.now();
  const name = `token:${core.identityClient.clientId}:${key}`;
  const expiresAt = addSeconds(at, 10);
  return core.leaseStore.acquire({ name, holder: "another", expiresAt }, at);
}

describe("withRefreshLock", () => {
  it("holds a lease named by client ID and partition key while the refresh runs, and returns its result", async () => {
    const { result, resolve } = startRefresh("first");
    await vi.advanceTimersByTimeAsync(0);

    const during = await acquireAsAnother();
    resolve("tokens");

    await expect(result).resolves.toBe("tokens");
    expect(during).toBe(false);
    await expect(acquireAsAnother()).resolves.toBe(true);
  });

  it("releases the lease when the refresh fails, and throws its error", async () => {
    const failure = new AuthError("interaction_required", "Sign in again.");

    const failing = withRefreshLock(core, partitionKey, () =>
      Promise.reject(failure),
    );

    await expect(failing).rejects.toBe(failure);
    await expect(acquireAsAnother()).resolves.toBe(true);
  });

  it("[T9] makes a second refresh of the account wait for the first", async () => {
    const first = startRefresh("first");
    const second = startRefresh("second");
    await vi.advanceTimersByTimeAsync(1000);
    const meanwhile = [...diary];

    first.resolve("tokens");
    await vi.advanceTimersByTimeAsync(50);

    expect(meanwhile).toEqual(["first"]);
    expect(diary).toEqual(["first", "second"]);
    second.resolve("tokens");
  });

  it("lets refreshes of two accounts run at the same time", async () => {
    startRefresh("first");
    startRefresh("second", otherPartitionKey);

    await vi.advanceTimersByTimeAsync(0);

    expect(diary).toEqual(["first", "second"]);
  });

  it("[T9] waits for a server that crashed no longer than its lease lasts", async () => {
    await acquireAsAnother();
    core.clock.advance(9.999);
    startRefresh("first");
    await vi.advanceTimersByTimeAsync(1000);
    const meanwhile = [...diary];

    core.clock.advance(0.001);
    await vi.advanceTimersByTimeAsync(50);

    expect(meanwhile).toEqual([]);
    expect(diary).toEqual(["first"]);
  });

  it("holds its own lease for ten seconds at most", async () => {
    startRefresh("first");
    await vi.advanceTimersByTimeAsync(0);

    core.clock.advance(9.999);
    const before = await acquireAsAnother();
    core.clock.advance(0.001);

    expect(before).toBe(false);
    await expect(acquireAsAnother()).resolves.toBe(true);
  });

  it("refreshes without the lease after ten seconds, and leaves the lease to its holder", async () => {
    await acquireAsAnother();
    const { result, resolve } = startRefresh("first");
    await vi.advanceTimersByTimeAsync(9999);
    const meanwhile = [...diary];

    await vi.advanceTimersByTimeAsync(1);
    resolve("tokens");

    await expect(result).resolves.toBe("tokens");
    expect(meanwhile).toEqual([]);
    startRefresh("second");
    await vi.advanceTimersByTimeAsync(1000);
    expect(diary).toEqual(["first"]);
  });

  it("returns the result although the lease cannot be released", async () => {
    core.leaseStore.release = () =>
      Promise.reject(new AuthError("store_unavailable", "Not now."));

    const result = withRefreshLock(core, partitionKey, async () => "tokens");

    await expect(result).resolves.toBe("tokens");
  });

  it("throws the error of the lease store and does not refresh", async () => {
    const failure = new AuthError("store_unavailable", "Not now.");
    core.leaseStore.acquire = () => Promise.reject(failure);

    const { result } = startRefresh("first");

    await expect(result).rejects.toBe(failure);
    expect(diary).toEqual([]);
  });
});
