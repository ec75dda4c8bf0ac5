import assert from "node:assert/strict";

import type { SessionId } from "../../core/identifiers.js";
import type { Stores } from "../../core/stores/stores.js";
import {
  addUser,
  brand,
  callConcurrently,
  createAdmission,
  createAdmittedSession,
  createAuditRecord,
  createFlow,
  createPartition,
  createProfile,
  later,
  now,
  sortById,
  startSession,
} from "../store-samples.js";

/** Empty stores of two clients, on the same tables. */
export interface TwoClients {
  readonly first: Stores;
  readonly second: Stores;
  /** Stores that are not bound to a client, with the rows of a version without client IDs. */
  readonly unbound: Stores;
}

/** Defines a test of a rule, which runs on the stores of two clients. */
export type ClientRule = (
  rule: string,
  check: (clients: TwoClients) => Promise<void>,
) => void;

/** Defines the rules of the stores for several clients on the same tables. */
export function describeClients(rule: ClientRule): void {
  describeKnowledge(rule);
  describeSessions(rule);
  describeSignOuts(rule);
  describeFlowsAndTokens(rule);
  describeManagement(rule);
  describeAudit(rule);
  describeUserDeletion(rule);
  describeUnclaimed(rule);
  describeBinding(rule);
}

const sessionId = brand<SessionId>("session-1");
const otherSessionId = brand<SessionId>("session-2");

/** Starts the sample session at the first client and another session of the same user at the second client. */
async function startBoth({ first, second }: TwoClients): Promise<void> {
  await addUser(first);
  await addUser(second);
  await startSession(first);
  await startSession(second, { id: otherSessionId });
}

/** Returns for each of the two sessions whether it exists at its client. */
async function findBoth({
  first,
  second,
}: TwoClients): Promise<readonly boolean[]> {
  return [
    (await first.sessionStore.find(sessionId)) !== undefined,
    (await second.sessionStore.find(otherSessionId)) !== undefined,
  ];
}

function describeUserDeletion(rule: ClientRule): void {
  rule(
    "delete a user's data at one client only, and the user with the last of it",
    async (clients) => {
      const { first, second } = clients;
      await startBoth(clients);
      const { id } = await addUser(second);

      await first.userStore.delete(id, undefined);

      assert.deepEqual(await findBoth(clients), [false, true]);
      assert.equal(await first.userStore.find(id), undefined);
      assert.equal((await second.userStore.find(id))?.id, id);

      await second.userStore.delete(id, undefined);
      const again = await first.sessionStore.admit({
        ...createAdmission(),
        candidateId: brand("user-new"),
        session: createAdmittedSession({ id: brand("session-3") }),
      });

      assert.equal(again.user.id, "user-new");
    },
  );

  rule(
    "delete a user whose only other data is of a version without client IDs",
    async ({ first, unbound }) => {
      const { id } = await addUser(unbound);
      await addUser(first);

      await first.userStore.delete(id, undefined);

      assert.equal(await unbound.userStore.find(id), undefined);
    },
  );

  rule(
    "keep data of a version without client IDs while another client has the user",
    async ({ first, second, unbound }) => {
      const { id } = await addUser(unbound);
      await addUser(first);
      await addUser(second);

      await first.userStore.delete(id, undefined);

      assert.equal((await unbound.userStore.find(id))?.id, id);
    },
  );

  rule("return only their own entries of a user", async ({ first, second }) => {
    const { id } = await addUser(first);
    await addUser(second);
    await first.auditStore.append(createAuditRecord({ userId: id }));

    const entries = await second.auditStore.listOfUser({
      userId: id,
      before: undefined,
      limit: 10,
    });

    assert.deepEqual(entries, []);
  });
}

function describeKnowledge(rule: ClientRule): void {
  rule(
    "do not change a user's data at one client when the user signs in at another client",
    async ({ first, second }) => {
      const before = await addUser(first);

      const { user, isNewUser } = await second.sessionStore.admit({
        ...createAdmission(),
        candidateId: brand("unused-candidate"),
        profile: createProfile({
          subject: "another-subject",
          name: "Ada King",
          email: undefined,
          roles: [],
          groups: ["another-group"],
        }),
        session: createAdmittedSession({ createdAt: later(5) }),
      });

      assert.equal(isNewUser, true);
      assert.equal(user.id, before.id);
      assert.deepEqual(
        [user.createdAt, user.email, user.groups],
        [later(5), undefined, ["another-group"]],
      );
      assert.deepEqual(await first.userStore.find(before.id), {
        ...before,
        name: "Ada King",
      });
    },
  );

  rule("do not find a user of another client", async ({ first, second }) => {
    const { id, tenantId, objectId } = await addUser(first);
    const bob = await addUser(second, "user-bob", { name: "Bob" });
    const list = { tenantId, search: undefined, after: undefined, limit: 9 };

    assert.equal(await second.userStore.find(id), undefined);
    assert.equal(
      await second.userStore.findByObjectId(tenantId, objectId),
      undefined,
    );
    assert.deepEqual(await second.userStore.list(list), [bob]);
    assert.deepEqual(await second.userStore.list({ ...list, after: id }), []);
  });

  rule(
    "create one user, who is new once at each client, for concurrent first sign-ins at two clients",
    async ({ first, second }) => {
      const admitted = await callConcurrently(40, (index) =>
        (index % 2 === 0 ? first : second).sessionStore.admit(
          createAdmission({
            candidateId: brand(`user-${index}`),
            session: createAdmittedSession({ id: brand(`session-${index}`) }),
          }),
        ),
      );

      assert.equal(new Set(admitted.map(({ user }) => user.id)).size, 1);
      assert.equal(admitted.filter(({ isNewUser }) => isNewUser).length, 2);
    },
  );
}

function describeSessions(rule: ClientRule): void {
  rule(
    "do not find, change or end a session of another client",
    async (clients) => {
      await startBoth(clients);
      const { sessionStore } = clients.second;
      const before = await clients.first.sessionStore.find(sessionId);

      const found = await sessionStore.find(sessionId);
      await sessionStore.renew(sessionId, later(1), later(2));
      const ended = [
        await sessionStore.end(sessionId),
        await sessionStore.endOfUser(sessionId, brand("user-ada")),
        await sessionStore.deleteExpired(later(3_600_000), 1),
        await sessionStore.deleteExpired(later(3_600_000), 1),
      ];

      assert.equal(found, undefined);
      assert.deepEqual(ended.slice(0, 2), [false, undefined]);
      assert.deepEqual(ended.slice(2).flat().length, 1);
      assert.deepEqual(
        await clients.first.sessionStore.find(sessionId),
        before,
      );
    },
  );

  rule(
    "list and end only the user's sessions at the client",
    async (clients) => {
      await startBoth(clients);
      const { sessionStore } = clients.second;

      const listed = await sessionStore.list(brand("user-ada"), now, 9);
      const ended = await sessionStore.endAllOfUser(brand("user-ada"));

      assert.deepEqual(
        [listed.map(({ id }) => id), ended.map(({ id }) => id)],
        [[otherSessionId], [otherSessionId]],
      );
      assert.deepEqual(await findBoth(clients), [true, false]);
    },
  );

  rule("do not replace a session of another client", async (clients) => {
    await addUser(clients.first);
    const { id, secretDigest } = await startSession(clients.first);

    const { replaced } = await clients.second.sessionStore.admit({
      ...createAdmission(),
      session: createAdmittedSession({ id: otherSessionId }),
      replaces: { sessionId: id, secretDigest },
    });

    assert.equal(replaced, undefined);
    assert.deepEqual(await findBoth(clients), [true, true]);
  });
}

function describeSignOuts(rule: ClientRule): void {
  rule(
    "end only the client's own sessions of a session of the identity provider",
    async (clients) => {
      await startBoth(clients);

      const ended = await clients.first.sessionStore.endByProviderSession(
        "provider-session-1",
        { tenantId: undefined, subject: undefined, startedUntil: undefined },
      );

      assert.deepEqual(
        ended.map(({ id }) => id),
        [sessionId],
      );
      assert.deepEqual(await findBoth(clients), [false, true]);
    },
  );

  rule(
    "end only the client's own sessions of a subject, because another client may use the subject for another person",
    async (clients) => {
      await startBoth(clients);
      const { tenantId, subject } = createProfile();
      await addUser(clients.second, "user-bob");
      await addUser(clients.first, "user-bob", { subject: "another-subject" });
      await startSession(clients.first, {
        id: brand("session-3"),
        userId: brand("user-bob"),
      });

      const ended = await clients.first.sessionStore.endBySubject(
        tenantId,
        subject,
        now,
      );

      assert.deepEqual(
        ended.map(({ id }) => id),
        [sessionId],
      );
      assert.deepEqual(await findBoth(clients), [false, true]);
    },
  );
}

function describeFlowsAndTokens(rule: ClientRule): void {
  rule("do not return a flow of another client", async ({ first, second }) => {
    const flow = createFlow();
    const { stateDigest, browserTokenDigest } = flow;
    await first.flowStore.add(flow);

    const refused = await second.flowStore.take(
      stateDigest,
      browserTokenDigest,
      now,
    );
    const isPending = await second.flowStore.isPending(stateDigest, now);

    assert.deepEqual([refused, isPending], [undefined, false]);
    assert.deepEqual(
      await first.flowStore.take(stateDigest, browserTokenDigest, now),
      flow,
    );
  });

  rule(
    "store the tokens of an account separately for each client",
    async (clients) => {
      await startBoth(clients);
      const own = createPartition();
      const others = createPartition({ sealedCache: brand("k1.others") });
      const { partitionKey } = own;
      const stores = [
        clients.first.tokenCacheStore,
        clients.second.tokenCacheStore,
      ] as const;
      await stores[0].put(own);
      await stores[1].put(others);
      const read = await stores[1].find(partitionKey, now);

      await stores[0].put(own);
      const replaced =
        read !== undefined && (await stores[1].replace({ ...read, ...others }));
      await clients.first.sessionStore.end(sessionId);
      await stores[0].deleteUnused(partitionKey);
      await stores[1].deleteUnused(partitionKey);

      assert.equal(replaced, true);
      assert.equal(await stores[0].find(partitionKey, now), undefined);
      assert.equal(
        (await stores[1].find(partitionKey, now))?.sealedCache,
        "k1.others",
      );
    },
  );

  rule(
    "delete expired flows of all clients and expired tokens of their own client",
    async ({ first, second }) => {
      await first.flowStore.add(createFlow());
      await first.tokenCacheStore.put(createPartition());

      const removed = [
        await second.flowStore.deleteExpired(later(600_000), 9),
        await second.tokenCacheStore.deleteExpired(later(86_400_000), 9),
        await first.tokenCacheStore.deleteExpired(later(86_400_000), 9),
      ];

      assert.deepEqual(removed, [1, 0, 1]);
    },
  );
}

function describeManagement(rule: ClientRule): void {
  rule("disable and enable a user at one client only", async (clients) => {
    await startBoth(clients);
    const { first, second } = clients;
    const { id, tenantId } = await addUser(second);
    await second.userStore.disable(id, tenantId, later(9));

    const ended = await first.userStore.disable(id, tenantId, later(7));
    await second.userStore.enable(id, tenantId);

    assert.deepEqual(sortById(ended ?? []), [
      { id: sessionId, userId: id, partitionKey: "ada.contoso" },
    ]);
    assert.deepEqual((await first.userStore.find(id))?.disabledAt, later(7));
    assert.equal((await second.userStore.find(id))?.disabledAt, undefined);
  });

  rule(
    "keep the sessions of a user whom another client disables",
    async (clients) => {
      await startBoth(clients);
      const { tenantId } = createProfile();

      await clients.first.userStore.disable(brand("user-ada"), tenantId, now);

      assert.deepEqual(await findBoth(clients), [false, true]);
    },
  );

  rule(
    "update the name of a user whom another client has disabled",
    async ({ first, second }) => {
      const { id, tenantId } = await addUser(first);
      await first.userStore.disable(id, tenantId, later(7));

      await addUser(second, "user-ada", { name: "Ada King" });

      assert.equal((await second.userStore.find(id))?.name, "Ada King");
    },
  );

  rule(
    "do not disable or enable a user of another client",
    async ({ first, second }) => {
      const { id, tenantId } = await addUser(first);

      assert.equal(
        await second.userStore.disable(id, tenantId, now),
        undefined,
      );
      assert.equal(await second.userStore.enable(id, tenantId), false);
    },
  );
}

function describeAudit(rule: ClientRule): void {
  const { tenantId } = createProfile();
  const query = {
    tenantId,
    includesUnattributed: true,
    before: undefined,
    limit: 9,
  };

  rule(
    "list no entry of another client's audit trail",
    async ({ first, second }) => {
      await addUser(first);
      await first.auditStore.append(createAuditRecord({ id: brand("01") }));
      await second.auditStore.append(
        createAuditRecord({ id: brand("02"), userId: undefined }),
      );

      const listed = [
        await first.auditStore.list(query),
        await first.auditStore.list({ ...query, includesUnattributed: false }),
        await second.auditStore.list(query),
        await second.auditStore.list({ ...query, includesUnattributed: false }),
      ];

      assert.deepEqual(
        listed.map((entries) => entries.map(({ id }) => id)),
        [["01"], ["01"], ["02"], []],
      );
    },
  );

  rule(
    "delete entries of one client even if another client has older entries",
    async ({ first, second }) => {
      const occurredAt = new Date("2020-01-01T00:00:00.000Z");
      for (const [stores, id] of [
        [first, "01"],
        [second, "02"],
        [first, "03"],
      ] as const)
        await stores.auditStore.append(
          createAuditRecord({ id: brand(id), userId: undefined, occurredAt }),
        );

      const removed = await second.auditStore.deleteBefore(brand("09"), 9);

      assert.equal(removed, 1);
      assert.deepEqual(
        (await first.auditStore.list(query)).map(({ id }) => id),
        ["03", "01"],
      );
    },
  );
}

function describeUnclaimed(rule: ClientRule): void {
  rule(
    "admit a user stored without a client as a new user of each client, and keep createdAt",
    async ({ first, second, unbound }) => {
      const { id } = await addUser(unbound);

      for (const { sessionStore } of [first, second]) {
        const { user, isNewUser } = await sessionStore.admit(
          createAdmission({
            candidateId: brand("unused-candidate"),
            profile: createProfile({ roles: ["Editor"] }),
            session: createAdmittedSession({
              id: brand(`session-${sessionStore === first.sessionStore}`),
              createdAt: later(5),
            }),
          }),
        );

        assert.equal(isNewUser, true);
        assert.deepEqual(
          [user.id, user.createdAt, user.lastSignInAt, user.roles],
          [id, now, later(5), ["Editor"]],
        );
      }
    },
  );

  rule(
    "refuse a user who was disabled without a client at each client until that client enables them",
    async ({ first, second, unbound }) => {
      const { id, tenantId } = await addUser(unbound);
      await unbound.userStore.disable(id, tenantId, later(7));

      const admitted = await first.sessionStore.admit(createAdmission());
      const atSecond = await second.sessionStore.admit(createAdmission());
      await first.userStore.enable(id, tenantId);
      const enabled = await first.sessionStore.admit(createAdmission());

      assert.deepEqual(
        [admitted, atSecond, enabled].map(({ user }) => user.disabledAt),
        [later(7), later(7), undefined],
      );
      assert.equal(await second.sessionStore.find(sessionId), undefined);
      assert.notEqual(await first.sessionStore.find(sessionId), undefined);
    },
  );
}

function describeBinding(rule: ClientRule): void {
  rule(
    "can be bound to the same client again, but not to another client",
    async ({ first, unbound }) => {
      first.bindClient("client-1");
      unbound.bindClient("client-3");

      assert.throws(() => first.bindClient("client-2"), TypeError);
      assert.throws(() => unbound.bindClient("client-2"), TypeError);
    },
  );

  rule(
    "return the rows of a client that is bound later",
    async ({ first, unbound }) => {
      const { id } = await addUser(first);

      unbound.bindClient("client-1");

      assert.equal((await unbound.userStore.find(id))?.id, id);
    },
  );
}
