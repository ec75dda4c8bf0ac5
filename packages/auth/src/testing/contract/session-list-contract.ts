import assert from "node:assert/strict";

import type { StoreRule } from "../store-rule.js";
import {
  addUser,
  brand,
  callConcurrently,
  later,
  now,
  startSession,
} from "../store-samples.js";

/** Defines the rules of `SessionStore` for the list of a user's sessions. */
export function describeSessionList(rule: StoreRule): void {
  rule(
    "lists a user's sessions, the most recently seen first",
    async (stores) => {
      await addUser(stores);
      const one = await startSession(stores, { lastSeenAt: later(2) });
      const two = await startSession(stores, {
        id: brand("session-2"),
        lastSeenAt: later(3),
        providerSessionId: undefined,
        authenticatedAt: undefined,
      });
      const three = await startSession(stores, {
        id: brand("session-3"),
        lastSeenAt: later(1),
      });

      const listed = await stores.sessionStore.list(one.userId, now, 10);

      assert.deepEqual(listed, [two, one, three]);
    },
  );

  rule("orders sessions by their last renewal", async (stores) => {
    await addUser(stores);
    const one = await startSession(stores);
    await startSession(stores, {
      id: brand("session-2"),
      lastSeenAt: later(1),
    });

    await stores.sessionStore.renew(one.id, later(2), later(3_600_002));

    const listed = await stores.sessionStore.list(one.userId, now, 10);
    assert.deepEqual(
      listed.map(({ id }) => id),
      ["session-1", "session-2"],
    );
  });

  rule("lists at most `limit` sessions", async (stores) => {
    await addUser(stores);
    await callConcurrently(5, (index) =>
      startSession(stores, {
        id: brand(`session-${index}`),
        lastSeenAt: later(index),
      }),
    );

    const listed = await stores.sessionStore.list(brand("user-ada"), now, 2);

    assert.deepEqual(
      listed.map(({ id }) => id),
      ["session-4", "session-3"],
    );
  });

  rule("does not list a session at or after its expiry", async (stores) => {
    await addUser(stores);
    const { userId } = await startSession(stores, {
      idleExpiresAt: later(1000),
    });

    const before = await stores.sessionStore.list(userId, later(999), 10);
    const after = await stores.sessionStore.list(userId, later(1000), 10);

    assert.equal(before.length, 1);
    assert.deepEqual(after, []);
  });

  rule("does not list a session of another user", async (stores) => {
    await addUser(stores);
    const bob = await addUser(stores, "user-bob");
    await startSession(stores);

    assert.deepEqual(await stores.sessionStore.list(bob.id, now, 10), []);
  });
}
