import assert from "node:assert/strict";

import { describeProviderSignOut } from "./provider-sign-out-contract.js";
import type { StoreRule } from "../store-rule.js";
import {
  addUser,
  brand,
  callConcurrently,
  later,
  listLivingSessions,
  sortById,
  startSession,
  toEnded,
} from "../store-samples.js";

/** States the promises of `SessionStore` about how sessions end. */
export function describeSessionEndings(rule: StoreRule): void {
  describeEnd(rule);
  describeUser(rule);
  describeProviderSignOut(rule);
  describeExpiry(rule);
}

function describeEnd(rule: StoreRule): void {
  rule("forgets an ended session immediately, and no other", async (stores) => {
    await addUser(stores);
    const session = await startSession(stores);
    const other = await startSession(stores, { id: brand("session-2") });

    const wasThere = await stores.sessionStore.end(session.id);

    assert.equal(wasThere, true);
    assert.equal(await stores.sessionStore.find(session.id), undefined);
    assert.deepEqual(
      (await stores.sessionStore.find(other.id))?.session,
      other,
    );
  });

  rule(
    "tells one of 100 concurrent callers that it ended the session",
    async (stores) => {
      await addUser(stores);
      const session = await startSession(stores);

      const answers = await callConcurrently(100, () =>
        stores.sessionStore.end(session.id),
      );

      assert.equal(answers.filter(Boolean).length, 1);
    },
  );
}

function describeUser(rule: StoreRule): void {
  rule("ends one of the user's sessions and returns it", async (stores) => {
    await addUser(stores);
    const one = await startSession(stores, { partitionKey: undefined });
    await startSession(stores, { id: brand("session-2") });

    const ended = await stores.sessionStore.endOfUser(one.id, one.userId);

    assert.deepEqual(ended, toEnded(one));
    assert.deepEqual(await listLivingSessions(stores, 2), [2]);
  });

  rule("does not end another user's session", async (stores) => {
    await addUser(stores);
    const bob = await addUser(stores, "user-bob");
    const one = await startSession(stores);

    const ended = await stores.sessionStore.endOfUser(one.id, bob.id);

    assert.equal(ended, undefined);
    assert.deepEqual(await listLivingSessions(stores, 1), [1]);
  });

  rule(
    "returns undefined if the session to end does not exist",
    async (stores) => {
      const { id } = await addUser(stores);

      assert.equal(
        await stores.sessionStore.endOfUser(brand("unknown"), id),
        undefined,
      );
    },
  );

  rule(
    "ends and returns every session of the user, and no other user's",
    async (stores) => {
      const ada = await addUser(stores);
      await addUser(stores, "user-bob");
      const one = await startSession(stores);
      const two = await startSession(stores, {
        id: brand("session-2"),
        partitionKey: undefined,
      });
      await startSession(stores, {
        id: brand("session-3"),
        userId: brand("user-bob"),
      });

      const ended = await stores.sessionStore.endAllOfUser(ada.id);
      const again = await stores.sessionStore.endAllOfUser(ada.id);

      assert.deepEqual(sortById(ended), [one, two].map(toEnded));
      assert.deepEqual(again, []);
      assert.deepEqual(await listLivingSessions(stores, 3), [3]);
    },
  );
}

function describeExpiry(rule: StoreRule): void {
  rule(
    "deletes sessions past their idle timeout, and no other, up to the limit",
    async (stores) => {
      await addUser(stores);
      await callConcurrently(7, (index) =>
        startSession(stores, {
          id: brand(`session-${index}`),
          idleExpiresAt: later(index),
        }),
      );

      const removed = [
        await stores.sessionStore.deleteExpired(later(4), 3),
        await stores.sessionStore.deleteExpired(later(4), 3),
        await stores.sessionStore.deleteExpired(later(4), 3),
      ];

      assert.deepEqual(
        removed.map(({ length }) => length),
        [3, 2, 0],
      );
      assert.deepEqual(
        sortById(removed.flat()).map(({ id }) => id),
        [0, 1, 2, 3, 4].map((index) => `session-${index}`),
      );
      assert.deepEqual(await listLivingSessions(stores, 6), [5, 6]);
    },
  );

  rule("returns the expired sessions that it deletes", async (stores) => {
    await addUser(stores);
    const one = await startSession(stores);
    const two = await startSession(stores, {
      id: brand("session-2"),
      partitionKey: undefined,
    });

    const removed = await stores.sessionStore.deleteExpired(one.expiresAt, 10);

    assert.deepEqual(sortById(removed), [one, two].map(toEnded));
  });

  rule("deletes a session at its absolute timeout", async (stores) => {
    await addUser(stores);
    const session = await startSession(stores, {
      idleExpiresAt: later(1000),
      expiresAt: later(1000),
    });

    const before = await stores.sessionStore.deleteExpired(later(999), 10);
    const after = await stores.sessionStore.deleteExpired(later(1000), 10);

    assert.deepEqual(before, []);
    assert.deepEqual(after, [toEnded(session)]);
    assert.equal(await stores.sessionStore.find(session.id), undefined);
  });

  rule("spares a session that was renewed in time", async (stores) => {
    await addUser(stores);
    const session = await startSession(stores, { idleExpiresAt: later(1000) });
    await stores.sessionStore.renew(session.id, later(900), later(1900));

    const removed = await stores.sessionStore.deleteExpired(later(1000), 10);

    assert.deepEqual(removed, []);
  });
}
