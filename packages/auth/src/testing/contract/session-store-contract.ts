import assert from "node:assert/strict";

import { describeAdmission } from "./admission-contract.js";
import { describeSessionEndings } from "./session-end-contract.js";
import { describeSessionList } from "./session-list-contract.js";
import type { StoreRule } from "../store-rule.js";
import { addUser, brand, later, startSession } from "../store-samples.js";

/** States the promises of `SessionStore`. */
export function describeSessionStore(rule: StoreRule): void {
  describeAdmission(rule);
  describeFind(rule);
  describeRenewal(rule);
  describeSessionList(rule);
  describeSessionEndings(rule);
}

function describeFind(rule: StoreRule): void {
  rule(
    "returns the session exactly as it was started, with its user",
    async (stores) => {
      const user = await addUser(stores);
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
    const user = await addUser(stores);
    const session = await startSession(stores, {
      providerSessionId: undefined,
      logoutHint: undefined,
      partitionKey: undefined,
      userAgent: undefined,
      authenticatedAt: undefined,
    });

    assert.deepEqual(await stores.sessionStore.find(session.id), {
      session,
      user,
    });
  });

  rule("returns undefined for an ID that no session has", async (stores) => {
    await addUser(stores);
    await startSession(stores);

    assert.equal(await stores.sessionStore.find(brand("SESSION-1")), undefined);
  });

  rule(
    "knows no session by a text that not every database can hold",
    async (stores) => {
      await addUser(stores);
      await startSession(stores);

      for (const text of ["\0", "session-1\0", "\uD800"])
        assert.equal(await stores.sessionStore.find(brand(text)), undefined);
    },
  );

  rule("also returns an expired session", async (stores) => {
    const user = await addUser(stores);
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
    "keeps the sessions of several browsers and users apart",
    async (stores) => {
      const ada = await addUser(stores);
      const bob = await addUser(stores, "user-bob");
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

function describeRenewal(rule: StoreRule): void {
  rule(
    "moves the idle timeout and the last sight, and nothing else",
    async (stores) => {
      await addUser(stores);
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
    await addUser(stores);
    const session = await startSession(stores);
    await stores.sessionStore.end(session.id);

    await stores.sessionStore.renew(session.id, later(1), later(2));

    assert.equal(await stores.sessionStore.find(session.id), undefined);
  });
}
