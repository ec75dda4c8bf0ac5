import assert from "node:assert/strict";

import type { ProviderSignOutScope } from "../../core/stores/session-store.js";
import type { StoreRule } from "../store-rule.js";
import {
  addUser,
  brand,
  later,
  listLivingSessions,
  now,
  otherTenantId,
  sortById,
  startSession,
  toEnded,
} from "../store-samples.js";

/** States the promises of `SessionStore` about a sign-out at the identity provider. */
export function describeProviderSignOut(rule: StoreRule): void {
  describeProviderSession(rule);
  describeScope(rule);
  describeSubject(rule);
}

const everywhere: ProviderSignOutScope = {
  tenantId: undefined,
  subject: undefined,
  startedUntil: undefined,
};

function describeProviderSession(rule: StoreRule): void {
  rule(
    "ends and returns every session of an identity provider's session",
    async (stores) => {
      await addUser(stores);
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

      const ended = await stores.sessionStore.endByProviderSession(
        "provider-session-1",
        everywhere,
      );

      assert.deepEqual(sortById(ended), [first, second].map(toEnded));
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
      await addUser(stores);
      await startSession(stores);

      assert.deepEqual(
        await stores.sessionStore.endByProviderSession("unknown", everywhere),
        [],
      );
    },
  );
}

function describeScope(rule: StoreRule): void {
  rule(
    "ends an identity provider's session in one organisation alone",
    async (stores) => {
      const ada = await addUser(stores);
      await addUser(stores, "user-bob", { tenantId: otherTenantId });
      const one = await startSession(stores);
      await startSession(stores, {
        id: brand("session-2"),
        userId: brand("user-bob"),
      });

      const ended = await stores.sessionStore.endByProviderSession(
        "provider-session-1",
        { ...everywhere, tenantId: ada.tenantId },
      );

      assert.deepEqual(ended, [toEnded(one)]);
      assert.deepEqual(await listLivingSessions(stores, 2), [2]);
    },
  );

  rule(
    "ends an identity provider's session of one subject alone",
    async (stores) => {
      const ada = await addUser(stores);
      await addUser(stores, "user-bob", { subject: "subject-of-bob" });
      const one = await startSession(stores);
      await startSession(stores, {
        id: brand("session-2"),
        userId: brand("user-bob"),
      });

      const ended = await stores.sessionStore.endByProviderSession(
        "provider-session-1",
        { ...everywhere, subject: ada.subject },
      );

      assert.deepEqual(ended, [toEnded(one)]);
      assert.deepEqual(await listLivingSessions(stores, 2), [2]);
    },
  );

  rule(
    "ends nothing of an identity provider's session that was started later",
    async (stores) => {
      await addUser(stores);
      const one = await startSession(stores, { createdAt: later(1000) });
      await startSession(stores, {
        id: brand("session-2"),
        createdAt: later(1001),
      });

      const ended = await stores.sessionStore.endByProviderSession(
        "provider-session-1",
        { ...everywhere, startedUntil: later(1000) },
      );

      assert.deepEqual(ended, [toEnded(one)]);
      assert.deepEqual(await listLivingSessions(stores, 2), [2]);
    },
  );

  rule(
    "ends an identity provider's session only where the whole scope fits",
    async (stores) => {
      const { tenantId, subject } = await addUser(stores);
      const one = await startSession(stores);
      const scope = { tenantId, subject, startedUntil: now };
      const end = (changes: Partial<ProviderSignOutScope>) =>
        stores.sessionStore.endByProviderSession("provider-session-1", {
          ...scope,
          ...changes,
        });

      const missed = [
        await end({ tenantId: otherTenantId }),
        await end({ subject: "another-subject" }),
        await end({ startedUntil: later(-1) }),
      ];
      const ended = await end({});

      assert.deepEqual(missed, [[], [], []]);
      assert.deepEqual(ended, [toEnded(one)]);
    },
  );
}

function describeSubject(rule: StoreRule): void {
  rule(
    "ends and returns every session of an organisation's subject",
    async (stores) => {
      const { tenantId, subject } = await addUser(stores);
      const one = await startSession(stores);
      const two = await startSession(stores, {
        id: brand("session-2"),
        providerSessionId: undefined,
        partitionKey: undefined,
      });

      const ended = await stores.sessionStore.endBySubject(
        tenantId,
        subject,
        now,
      );

      assert.deepEqual(sortById(ended), [one, two].map(toEnded));
      assert.deepEqual(await listLivingSessions(stores, 2), []);
    },
  );

  rule(
    "ends no session of another subject, of another organisation's, or of later",
    async (stores) => {
      const { tenantId, subject } = await addUser(stores);
      await addUser(stores, "user-bob", { subject: "subject-of-bob" });
      await addUser(stores, "user-eve", { tenantId: otherTenantId });
      await startSession(stores, { userId: brand("user-bob") });
      await startSession(stores, {
        id: brand("session-2"),
        userId: brand("user-eve"),
      });
      await startSession(stores, {
        id: brand("session-3"),
        createdAt: later(1),
      });

      const ended = await stores.sessionStore.endBySubject(
        tenantId,
        subject,
        now,
      );

      assert.deepEqual(ended, []);
      assert.deepEqual(await listLivingSessions(stores, 3), [1, 2, 3]);
    },
  );
}
