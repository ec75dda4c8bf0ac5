import assert from "node:assert/strict";

import type { Session, Stores } from "../core/ports.js";
import type { User } from "../core/user.js";
import type { StoreRule } from "./store-contract.js";
import {
  brand,
  callConcurrently,
  createProfile,
  createSession,
  later,
  now,
} from "./store-samples.js";

/** States the promises of `SessionStore`. */
export function describeSessionStore(rule: StoreRule): void {
  describeFind(rule);
  describeReplacement(rule);
  describeRenewal(rule);
  describeEnd(rule);
  describeProviderSession(rule);
  describeExpiry(rule);
}

function addAda({ userStore }: Stores): Promise<User> {
  return userStore.upsert(brand("user-ada"), createProfile(), now);
}

async function startSession(
  stores: Stores,
  changes: Partial<Session> = {},
): Promise<Session> {
  const session = createSession(changes);
  await stores.sessionStore.start(session);
  return session;
}

function describeFind(rule: StoreRule): void {
  rule(
    "answers the session exactly as it was started, with its user",
    async (stores) => {
      const user = await addAda(stores);
      const session = await startSession(stores, {
        userAgent: "Füchsin/1.0 🦊",
        logoutHint: "it's “quoted”",
      });

      assert.deepEqual(await stores.sessionStore.find(session.id), {
        session,
        user,
      });
    },
  );

  rule("keeps absent fields absent", async (stores) => {
    const user = await addAda(stores);
    const session = await startSession(stores, {
      providerSessionId: undefined,
      logoutHint: undefined,
      partitionKey: undefined,
      userAgent: undefined,
    });

    assert.deepEqual(await stores.sessionStore.find(session.id), {
      session,
      user,
    });
  });

  rule("answers undefined for an ID that no session has", async (stores) => {
    await addAda(stores);
    await startSession(stores);

    assert.equal(await stores.sessionStore.find(brand("SESSION-1")), undefined);
  });

  rule("answers an expired session too", async (stores) => {
    const user = await addAda(stores);
    const session = await startSession(stores, {
      idleExpiresAt: later(-5),
      expiresAt: later(-5),
    });

    assert.deepEqual(await stores.sessionStore.find(session.id), {
      session,
      user,
    });
  });

  rule(
    "shows from the next request on that the user was disabled",
    async (stores) => {
      const user = await addAda(stores);
      const session = await startSession(stores);

      await stores.userStore.setDisabled(user.id, later(7));

      const signedIn = await stores.sessionStore.find(session.id);
      assert.deepEqual(signedIn?.user.disabledAt, later(7));
    },
  );

  rule(
    "keeps the sessions of several browsers and users apart",
    async (stores) => {
      const ada = await addAda(stores);
      const bob = await stores.userStore.upsert(
        brand("user-bob"),
        createProfile({
          objectId: brand("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"),
        }),
        now,
      );
      const laptop = await startSession(stores);
      const phone = await startSession(stores, { id: brand("session-2") });
      const office = await startSession(stores, {
        id: brand("session-3"),
        userId: bob.id,
      });

      assert.deepEqual(await stores.sessionStore.find(laptop.id), {
        session: laptop,
        user: ada,
      });
      assert.deepEqual(await stores.sessionStore.find(phone.id), {
        session: phone,
        user: ada,
      });
      assert.deepEqual(await stores.sessionStore.find(office.id), {
        session: office,
        user: bob,
      });
    },
  );
}

function describeReplacement(rule: StoreRule): void {
  rule("forgets the session that a new one replaces", async (stores) => {
    await addAda(stores);
    const old = await startSession(stores);
    const next = createSession({ id: brand("session-2") });

    await stores.sessionStore.start(next, old.id);

    assert.equal(await stores.sessionStore.find(old.id), undefined);
    assert.deepEqual((await stores.sessionStore.find(next.id))?.session, next);
  });

  rule(
    "starts a session even if the one it replaces is gone",
    async (stores) => {
      await addAda(stores);
      const session = createSession();

      await stores.sessionStore.start(session, brand("unknown"));

      assert.deepEqual(
        (await stores.sessionStore.find(session.id))?.session,
        session,
      );
    },
  );

  rule(
    "keeps the old session if the new one cannot be started",
    async (stores) => {
      await addAda(stores);
      const old = await startSession(stores);
      const orphan = createSession({
        id: brand("session-2"),
        userId: brand("nobody"),
      });

      await assert.rejects(stores.sessionStore.start(orphan, old.id));

      assert.deepEqual((await stores.sessionStore.find(old.id))?.session, old);
      assert.equal(await stores.sessionStore.find(orphan.id), undefined);
    },
  );

  rule("refuses a session ID that is taken", async (stores) => {
    await addAda(stores);
    const session = await startSession(stores);

    await assert.rejects(
      stores.sessionStore.start({
        ...session,
        secretDigest: brand("another-secret"),
      }),
    );

    assert.deepEqual(
      (await stores.sessionStore.find(session.id))?.session,
      session,
    );
  });
}

function describeRenewal(rule: StoreRule): void {
  rule(
    "moves the idle timeout and the last sight, and nothing else",
    async (stores) => {
      await addAda(stores);
      const session = await startSession(stores);
      const other = await startSession(stores, { id: brand("session-2") });

      await stores.sessionStore.renew(
        session.id,
        later(60_001),
        later(3_660_001),
      );

      const renewed = await stores.sessionStore.find(session.id);
      assert.deepEqual(renewed?.session, {
        ...session,
        lastSeenAt: later(60_001),
        idleExpiresAt: later(3_660_001),
      });
      assert.deepEqual(
        (await stores.sessionStore.find(other.id))?.session,
        other,
      );
    },
  );

  rule("does not bring an ended session back", async (stores) => {
    await addAda(stores);
    const session = await startSession(stores);
    await stores.sessionStore.end(session.id);

    await stores.sessionStore.renew(session.id, later(1), later(2));

    assert.equal(await stores.sessionStore.find(session.id), undefined);
  });
}

function describeEnd(rule: StoreRule): void {
  rule("forgets an ended session immediately, and no other", async (stores) => {
    await addAda(stores);
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
      await addAda(stores);
      const session = await startSession(stores);

      const answers = await callConcurrently(100, () =>
        stores.sessionStore.end(session.id),
      );

      assert.equal(answers.filter(Boolean).length, 1);
    },
  );
}

function describeProviderSession(rule: StoreRule): void {
  rule(
    "ends every session of an identity provider's session and answers them",
    async (stores) => {
      await addAda(stores);
      const first = await startSession(stores);
      const second = await startSession(stores, {
        id: brand("session-2"),
        partitionKey: undefined,
      });
      const other = await startSession(stores, {
        id: brand("session-3"),
        providerSessionId: "provider-session-2",
      });
      const without = await startSession(stores, {
        id: brand("session-4"),
        providerSessionId: undefined,
      });

      const ended =
        await stores.sessionStore.endByProviderSession("provider-session-1");

      assert.deepEqual(
        ended.toSorted((a, b) => a.id.localeCompare(b.id)),
        [first, second].map(({ id, userId, partitionKey }) => ({
          id,
          userId,
          partitionKey,
        })),
      );
      assert.equal(await stores.sessionStore.find(first.id), undefined);
      assert.equal(await stores.sessionStore.find(second.id), undefined);
      assert.deepEqual(
        (await stores.sessionStore.find(other.id))?.session,
        other,
      );
      assert.deepEqual(
        (await stores.sessionStore.find(without.id))?.session,
        without,
      );
    },
  );

  rule(
    "ends nothing for an identity provider's session it does not know",
    async (stores) => {
      await addAda(stores);
      await startSession(stores);

      assert.deepEqual(
        await stores.sessionStore.endByProviderSession("unknown"),
        [],
      );
    },
  );
}

function describeExpiry(rule: StoreRule): void {
  rule(
    "deletes sessions past their idle timeout, and no other, up to the limit",
    async (stores) => {
      await addAda(stores);
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

      assert.deepEqual(removed, [3, 2, 0]);
      assert.notEqual(
        await stores.sessionStore.find(brand("session-5")),
        undefined,
      );
      assert.notEqual(
        await stores.sessionStore.find(brand("session-6")),
        undefined,
      );
    },
  );

  rule("deletes a session at its absolute timeout", async (stores) => {
    await addAda(stores);
    const session = await startSession(stores, {
      idleExpiresAt: later(1000),
      expiresAt: later(1000),
    });

    assert.equal(await stores.sessionStore.deleteExpired(later(999), 10), 0);
    assert.equal(await stores.sessionStore.deleteExpired(later(1000), 10), 1);
    assert.equal(await stores.sessionStore.find(session.id), undefined);
  });

  rule("spares a session that was renewed in time", async (stores) => {
    await addAda(stores);
    const session = await startSession(stores, { idleExpiresAt: later(1000) });
    await stores.sessionStore.renew(session.id, later(900), later(1900));

    assert.equal(await stores.sessionStore.deleteExpired(later(1000), 10), 0);
  });
}
