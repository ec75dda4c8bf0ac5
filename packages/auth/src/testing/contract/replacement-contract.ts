import assert from "node:assert/strict";

import type { Admission } from "../../core/stores/session-store.js";
import type { Stores } from "../../core/stores/stores.js";
import type { StoreRule } from "../store-rule.js";
import {
  addUser,
  brand,
  callConcurrently,
  createAdmission,
  createAdmittedSession,
  later,
  listLivingSessions,
  startSession,
  toEnded,
} from "../store-samples.js";

/** Defines the rules of `SessionStore` for the session that a new session replaces. */
export function describeReplacement(rule: StoreRule): void {
  rule("deletes the session that a new session replaces", async (stores) => {
    await addUser(stores);
    const old = await startSession(stores);

    const { replaced } = await replace(stores, old);

    assert.deepEqual(replaced, toEnded(old));
    assert.deepEqual(await listLivingSessions(stores, 2), [2]);
  });

  rule("deletes a replaced session of another user", async (stores) => {
    await addUser(stores, "user-bob");
    const old = await startSession(stores, {
      userId: brand("user-bob"),
      partitionKey: undefined,
    });

    const { user, replaced } = await replace(stores, old);

    assert.equal(user.id, "user-ada");
    assert.deepEqual(replaced, toEnded(old));
    assert.deepEqual(await listLivingSessions(stores, 2), [2]);
  });

  rule(
    "starts a session even if the session that it replaces does not exist",
    async (stores) => {
      const { session } = createAdmission();

      const { replaced } = await replace(stores, session);

      assert.equal(replaced, undefined);
      assert.deepEqual(await listLivingSessions(stores, 2), [2]);
    },
  );

  rule(
    "starts the sessions of 20 concurrent sign-ins that replace one session, and returns it to one of them",
    async (stores) => {
      await addUser(stores);
      const old = await startSession(stores);

      const admitted = await callConcurrently(20, (index) =>
        replace(stores, old, `session-${index + 2}`),
      );

      const replaced = admitted.filter((one) => one.replaced !== undefined);
      assert.equal(replaced.length, 1);
      assert.equal((await listLivingSessions(stores, 21)).length, 20);
    },
  );

  rule("does not delete a session with another secret", async (stores) => {
    await addUser(stores);
    const { id } = await startSession(stores);

    const { replaced } = await replace(stores, {
      id,
      secretDigest: brand("another-secret"),
    });

    assert.equal(replaced, undefined);
    assert.deepEqual(await listLivingSessions(stores, 2), [1, 2]);
  });

  rule("leaves an expired session to deleteExpired", async (stores) => {
    await addUser(stores);
    const { session } = createReplacement();
    const old = await startSession(stores, {
      idleExpiresAt: session.createdAt,
    });

    const { replaced } = await replace(stores, old);

    assert.equal(replaced, undefined);
    assert.deepEqual(await listLivingSessions(stores, 2), [1, 2]);
  });

  rule(
    "keeps the old session if the new session cannot be started",
    async (stores) => {
      await addUser(stores);
      const old = await startSession(stores);
      const other = await startSession(stores, { id: brand("session-2") });

      await assert.rejects(replace(stores, old));

      assert.deepEqual((await stores.sessionStore.find(old.id))?.session, old);
      assert.deepEqual(
        (await stores.sessionStore.find(other.id))?.session,
        other,
      );
    },
  );
}

/** Another sign-in of Ada, a second later. */
function createReplacement(id = "session-2"): Admission {
  return createAdmission({
    session: createAdmittedSession({
      id: brand(id),
      createdAt: later(1000),
    }),
  });
}

function replace(
  { sessionStore }: Stores,
  { id, secretDigest }: Pick<Admission["session"], "id" | "secretDigest">,
  newId?: string,
) {
  return sessionStore.admit({
    ...createReplacement(newId),
    replaces: { sessionId: id, secretDigest },
  });
}
