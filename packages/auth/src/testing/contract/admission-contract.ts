import assert from "node:assert/strict";

import type { TenantId } from "../../core/identifiers.js";
import type { AuditEntry } from "../../core/stores/audit-store.js";
import type {
  Admission,
  AdmissionEntries,
} from "../../core/stores/session-store.js";
import type { Stores } from "../../core/stores/stores.js";
import type { UserProfile } from "../../core/stores/user.js";
import { describeReplacement } from "./replacement-contract.js";
import type { StoreRule } from "../store-rule.js";
import {
  addUser,
  brand,
  callConcurrently,
  createAdmission,
  createAdmittedSession,
  createAuditRecord,
  createProfile,
  later,
  listLivingSessions,
  now,
  otherTenantId,
} from "../store-samples.js";

/** Defines the rules of `SessionStore` for admissions. */
export function describeAdmission(rule: StoreRule): void {
  describeFirstSignIn(rule);
  describeNextSignIn(rule);
  describeAccounts(rule);
  describeDisabledUser(rule);
  describeEntries(rule);
  describeFailure(rule);
  describeReplacement(rule);
}

/** Creates a numbered admission of a person, with its own candidate ID and session. */
function createNumbered(
  number: number,
  profile: UserProfile = createProfile(),
): Admission {
  return createAdmission({
    candidateId: brand(`user-${number}`),
    profile,
    session: createAdmittedSession({ id: brand(`session-${number}`) }),
  });
}

function describeFirstSignIn(rule: StoreRule): void {
  rule(
    "creates the user under the candidate ID and starts the session",
    async ({ sessionStore, userStore }) => {
      const { session, ...admission } = createAdmission();

      const admitted = await sessionStore.admit({ ...admission, session });

      const user = {
        ...createProfile(),
        id: "user-ada",
        createdAt: now,
        lastSignInAt: now,
        disabledAt: undefined,
      };
      assert.deepEqual(admitted, {
        user,
        isNewUser: true,
        replaced: undefined,
      });
      assert.deepEqual(await sessionStore.find(session.id), {
        session: { ...session, userId: "user-ada" },
        user,
      });
      assert.deepEqual(await userStore.find(brand("user-ada")), user);
    },
  );

  rule(
    "stores a profile exactly, with any characters and long lists",
    async ({ sessionStore, userStore }) => {
      const profile = createProfile({
        name: "Zoë “O'Neil” 李 🦊\\\n",
        preferredUsername: undefined,
        email: undefined,
        roles: ["", 'a"b', "c,d", "{}"],
        groups: Array.from({ length: 200 }, (_, index) => `group-${index}`),
      });

      const { user } = await sessionStore.admit(createAdmission({ profile }));

      assert.deepEqual(user, {
        ...profile,
        id: "user-ada",
        createdAt: now,
        lastSignInAt: now,
        disabledAt: undefined,
      });
      assert.deepEqual(await userStore.find(user.id), user);
    },
  );

  rule(
    "creates one user for 50 concurrent first sign-ins of a person, one of which returns isNewUser",
    async (stores) => {
      const admitted = await callConcurrently(50, (index) =>
        stores.sessionStore.admit(createNumbered(index + 1)),
      );

      assert.equal(new Set(admitted.map(({ user }) => user.id)).size, 1);
      assert.equal(admitted.filter(({ isNewUser }) => isNewUser).length, 1);
      assert.equal((await listLivingSessions(stores, 50)).length, 50);
    },
  );
}

function describeNextSignIn(rule: StoreRule): void {
  rule(
    "updates the profile at the next sign-in and keeps the ID and createdAt",
    async ({ sessionStore, userStore }) => {
      await sessionStore.admit(createAdmission());
      const renamed = createProfile({
        subject: "another-subject",
        name: "Ada King",
        preferredUsername: "king@contoso.test",
        email: undefined,
        roles: ["Editor"],
        groups: [],
      });

      const { user, isNewUser } = await sessionStore.admit(
        createAdmission({
          candidateId: brand("user-candidate"),
          profile: renamed,
          session: createAdmittedSession({
            id: brand("session-2"),
            createdAt: later(5),
          }),
        }),
      );

      assert.equal(isNewUser, false);
      assert.deepEqual(user, {
        ...renamed,
        id: "user-ada",
        createdAt: now,
        lastSignInAt: later(5),
        disabledAt: undefined,
      });
      assert.deepEqual(await userStore.find(user.id), user);
      assert.equal(await userStore.find(brand("user-candidate")), undefined);
    },
  );

  rule("keeps the sessions of the user's other browsers", async (stores) => {
    await stores.sessionStore.admit(createNumbered(1));

    await stores.sessionStore.admit(createNumbered(2));

    assert.deepEqual(await listLivingSessions(stores, 2), [1, 2]);
  });
}

/** Admits the sample person and another, and returns the IDs of their users. */
async function admitBoth(
  { sessionStore }: Stores,
  other: UserProfile,
): Promise<readonly string[]> {
  const first = await sessionStore.admit(createNumbered(1));
  const second = await sessionStore.admit(createNumbered(2, other));
  return [first.user.id, second.user.id];
}

function describeAccounts(rule: StoreRule): void {
  rule(
    "[U1] creates two users for one object ID in two tenants",
    async (stores) => {
      const elsewhere = createProfile({ tenantId: otherTenantId });

      assert.deepEqual(await admitBoth(stores, elsewhere), [
        "user-1",
        "user-2",
      ]);
    },
  );

  rule(
    "[V1] creates two users for the same e-mail address, user name and subject",
    async (stores) => {
      const namesake = createProfile({
        objectId: brand("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"),
      });

      assert.deepEqual(await admitBoth(stores, namesake), ["user-1", "user-2"]);
    },
  );
}

function describeDisabledUser(rule: StoreRule): void {
  rule(
    "[U10] changes nothing for a disabled user and returns the stored user",
    async (stores) => {
      const ada = await addUser(stores);
      const { session: old } = createNumbered(1);
      const bob = createProfile({ objectId: brand("bob") });
      await stores.sessionStore.admit(createNumbered(1, bob));
      await stores.userStore.disable(ada.id, ada.tenantId, later(7));

      const admitted = await stores.sessionStore.admit({
        ...createNumbered(2, createProfile({ name: "Ada King", roles: [] })),
        replaces: { sessionId: old.id, secretDigest: old.secretDigest },
      });

      const user = { ...ada, disabledAt: later(7) };
      assert.deepEqual(admitted, {
        user,
        isNewUser: false,
        replaced: undefined,
      });
      assert.deepEqual(await stores.userStore.find(ada.id), user);
      assert.deepEqual(await listLivingSessions(stores, 2), [1]);
    },
  );

  rule("admits a user who is enabled again", async (stores) => {
    const { id, tenantId } = await addUser(stores);
    await stores.userStore.disable(id, tenantId, later(7));
    await stores.userStore.enable(id, tenantId);

    const { user } = await stores.sessionStore.admit(createNumbered(1));

    assert.equal(user.disabledAt, undefined);
    assert.deepEqual(await listLivingSessions(stores, 1), [1]);
  });
}

/** The entries of the admission of `session-2`, which may replace `session-1`. */
const entries: AdmissionEntries = {
  completed: {
    id: brand("audit-1"),
    type: "flow.completed",
    occurredAt: later(5),
    flowId: brand("flow-1"),
    sessionId: brand("session-2"),
    reason: undefined,
  },
  replaced: {
    id: brand("audit-2"),
    type: "session.ended",
    occurredAt: later(6),
    flowId: undefined,
    sessionId: brand("session-1"),
    reason: "replaced",
  },
};

function listEntries(
  { auditStore }: Stores,
  tenantId: TenantId,
): Promise<readonly AuditEntry[]> {
  return auditStore.list({
    tenantId,
    includesUnattributed: true,
    before: undefined,
    limit: 10,
  });
}

function describeEntries(rule: StoreRule): void {
  const none = { actorId: undefined, code: undefined, aadsts: undefined };

  rule(
    "[A1] adds each entry to the audit trail, under the organisation of its user",
    async (stores) => {
      const bob = createProfile({ objectId: brand("bob"), name: "Bob" });
      const { session: old } = createNumbered(1);
      await stores.sessionStore.admit(createNumbered(1, bob));
      const ada = createProfile({ tenantId: otherTenantId });

      await stores.sessionStore.admit({
        ...createNumbered(2, ada),
        replaces: { sessionId: old.id, secretDigest: old.secretDigest },
        entries,
      });

      assert.deepEqual(await listEntries(stores, otherTenantId), [
        {
          ...none,
          ...entries.completed,
          userId: "user-2",
          userName: "Ada Lovelace",
          actorName: undefined,
        },
      ]);
      assert.deepEqual(await listEntries(stores, bob.tenantId), [
        {
          ...none,
          ...entries.replaced,
          userId: "user-1",
          userName: "Bob",
          actorName: undefined,
        },
      ]);
    },
  );

  rule(
    "[A1] adds no entry of a replaced session if it replaces none",
    async (stores) => {
      const { session: old } = createNumbered(1);

      await stores.sessionStore.admit({
        ...createNumbered(2),
        replaces: { sessionId: old.id, secretDigest: old.secretDigest },
        entries,
      });

      const listed = await listEntries(stores, createProfile().tenantId);
      assert.deepEqual(
        listed.map(({ id }) => id),
        [entries.completed.id],
      );
    },
  );

  rule("[A1] adds no entry for a disabled user", async (stores) => {
    const { id, tenantId } = await addUser(stores);
    await stores.userStore.disable(id, tenantId, later(7));

    await stores.sessionStore.admit({ ...createNumbered(2), entries });

    assert.deepEqual(await listEntries(stores, tenantId), []);
  });

  rule("[U10] stores nothing if an entry cannot be added", async (stores) => {
    const { tenantId } = createProfile();
    await stores.auditStore.append(
      createAuditRecord({ id: entries.completed.id }),
    );

    await assert.rejects(
      stores.sessionStore.admit({ ...createNumbered(2), entries }),
    );

    assert.equal(await stores.userStore.find(brand("user-2")), undefined);
    assert.deepEqual(await listLivingSessions(stores, 2), []);
    assert.equal((await listEntries(stores, tenantId)).length, 1);
  });
}

function describeFailure(rule: StoreRule): void {
  rule(
    "[U10] refuses a session ID that is taken, and stores nothing",
    async (stores) => {
      const { session } = createNumbered(1);
      const { user } = await stores.sessionStore.admit(createNumbered(1));
      const before = await stores.sessionStore.find(session.id);

      await assert.rejects(
        stores.sessionStore.admit({
          ...createNumbered(2, createProfile({ name: "Ada King" })),
          session: { ...session, secretDigest: brand("another-secret") },
        }),
      );
      await assert.rejects(
        stores.sessionStore.admit({
          ...createNumbered(3, createProfile({ objectId: brand("bob") })),
          session,
        }),
      );

      assert.deepEqual(await stores.sessionStore.find(session.id), before);
      assert.deepEqual(await stores.userStore.find(user.id), user);
      assert.equal(await stores.userStore.find(brand("user-3")), undefined);
    },
  );
}
