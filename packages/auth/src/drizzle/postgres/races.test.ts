import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "vitest";

import {
  hold,
  releaseHeld,
  waitForWaiting,
} from "../../../test/support/postgres-locks.js";
import { openMigratedPostgresDatabase } from "../../../test/support/postgres-test-database.js";
import type { PostgresTestDatabase } from "../../../test/support/postgres-test-database.js";
import type { Admission } from "../../core/stores/session-store.js";
import type { Stores } from "../../core/stores/stores.js";
import {
  addUser,
  brand,
  createAdmission,
  createAdmittedSession,
  createPartition,
  createProfile,
  later,
  listLivingSessions,
  now,
  startSession,
} from "../../testing/store-samples.js";
import { createPostgresStores } from "./stores.js";

// Each test stops a race with a lock, and waits until the database reports that the statement waits for it.

let opened: PostgresTestDatabase;
let stores: Stores;

beforeAll(async () => {
  opened = await openMigratedPostgresDatabase();
});

beforeEach(() => {
  stores = createPostgresStores(opened.pool);
});

afterEach(async () => {
  await releaseHeld();
  await opened.empty();
});

afterAll(() => opened.close());

const lockSession = (id: string) =>
  `SELECT FROM auth_session WHERE id = '${id}' FOR UPDATE`;

/** Another sign-in of Ada, in place of this session. */
function admitAda(id: string, replaces?: string): Admission {
  const { secretDigest } = createAdmittedSession();
  return createAdmission({
    session: createAdmittedSession({ id: brand(id) }),
    replaces:
      replaces === undefined
        ? undefined
        : { sessionId: brand(replaces), secretDigest },
  });
}

describe("a session that starts while its user is being disabled", () => {
  it("[U6] does not start", async () => {
    const { id, tenantId } = await addUser(stores);
    await startSession(stores);
    const lock = await hold(opened.pool, lockSession("session-1"));

    const disabling = stores.userStore.disable(id, tenantId, later(7));
    await waitForWaiting(opened.pool, 1);
    const starting = stores.sessionStore.admit(admitAda("session-2"));
    await waitForWaiting(opened.pool, 2);
    await lock.release();

    expect((await starting).user.disabledAt).toEqual(later(7));
    expect(await disabling).toHaveLength(1);
    expect(await listLivingSessions(stores, 2)).toEqual([]);
  });

  it("does not start and does not replace an earlier session", async () => {
    const { id, tenantId } = await addUser(stores);
    await addUser(stores, "user-bob");
    await startSession(stores);
    await startSession(stores, {
      id: brand("session-2"),
      userId: brand("user-bob"),
    });
    const lock = await hold(opened.pool, lockSession("session-1"));

    const disabling = stores.userStore.disable(id, tenantId, later(7));
    await waitForWaiting(opened.pool, 1);
    const replacing = stores.sessionStore.admit(
      admitAda("session-3", "session-2"),
    );
    await waitForWaiting(opened.pool, 2);
    await lock.release();
    await disabling;

    expect(await replacing).toMatchObject({
      user: { disabledAt: later(7) },
      replaced: undefined,
    });
    expect(await listLivingSessions(stores, 3)).toEqual([2]);
  });

  it("[U6] ends with the others if it started first", async () => {
    const { id, tenantId } = await addUser(stores);
    await addUser(stores, "user-bob");
    await startSession(stores, { userId: brand("user-bob") });
    const lock = await hold(opened.pool, lockSession("session-1"));

    const starting = stores.sessionStore.admit(
      admitAda("session-2", "session-1"),
    );
    await waitForWaiting(opened.pool, 1);
    const disabling = stores.userStore.disable(id, tenantId, later(7));
    await waitForWaiting(opened.pool, 2);
    await lock.release();

    expect((await starting).replaced?.id).toBe("session-1");
    expect(await disabling).toEqual([
      { id: "session-2", userId: id, partitionKey: "ada.contoso" },
    ]);
    expect(await listLivingSessions(stores, 2)).toEqual([]);
  });
});

describe("a token cache partition", () => {
  it("stays if a session starts and writes it while it is being deleted", async () => {
    await addUser(stores);
    await stores.tokenCacheStore.put(createPartition());
    const { partitionKey } = createPartition();
    const putting = await hold(
      opened.pool,
      `UPDATE auth_token_cache SET sealed_cache = 'k1.next', version = version + 1 WHERE partition_key = '${partitionKey}'`,
    );

    const forgetting = stores.tokenCacheStore.deleteUnused(partitionKey);
    await waitForWaiting(opened.pool, 1);
    await startSession(stores, { partitionKey });
    await putting.release();
    await forgetting;

    expect(await stores.tokenCacheStore.find(partitionKey, now)).toMatchObject({
      sealedCache: "k1.next",
    });
  });

  it("is written again if it was just deleted", async () => {
    await stores.tokenCacheStore.put(createPartition());
    const { partitionKey } = createPartition();
    const forgetting = await hold(opened.pool, "DELETE FROM auth_token_cache");

    const putting = stores.tokenCacheStore.put(createPartition());
    await waitForWaiting(opened.pool, 1);
    await forgetting.release();
    await putting;

    expect(await stores.tokenCacheStore.find(partitionKey, now)).toMatchObject({
      version: 1,
    });
  });

  it("is replaced by one of two writers that read the same version", async () => {
    await stores.tokenCacheStore.put(createPartition());
    const partition = { ...createPartition(), version: 1 };
    const other = await hold(
      opened.pool,
      "UPDATE auth_token_cache SET sealed_cache = 'k1.theirs', version = 2",
    );

    const replacing = stores.tokenCacheStore.replace(partition);
    await waitForWaiting(opened.pool, 1);
    await other.release();

    expect(await replacing).toBe(false);
    expect(
      await stores.tokenCacheStore.find(partition.partitionKey, now),
    ).toMatchObject({ sealedCache: "k1.theirs", version: 2 });
  });
});

describe("a person who signs in for the first time on two servers", () => {
  it("becomes one user, who is new in one of the two sign-ins", async () => {
    const { tenantId, objectId } = createProfile();
    const first = await hold(
      opened.pool,
      `INSERT INTO auth_user VALUES ('user-first', '${tenantId}', '${objectId}', 'Ada', NULL)`,
      "INSERT INTO auth_user_client VALUES ('user-first', '', 's', NULL, '[]', '[]', now(), now(), NULL)",
    );

    const second = stores.sessionStore.admit(
      createAdmission({ candidateId: brand("user-second") }),
    );
    await waitForWaiting(opened.pool, 1);
    await first.release();

    expect(await second).toMatchObject({
      user: { id: "user-first", name: createProfile().name },
      isNewUser: false,
    });
    expect(await listLivingSessions(stores, 1)).toEqual([1]);
    expect(await stores.userStore.find(brand("user-second"))).toBeUndefined();
  });
});

describe("a session that ends", () => {
  it("is not restored by a renewal that waited for its end", async () => {
    await addUser(stores);
    const { id } = await startSession(stores);
    const ending = await hold(opened.pool, "DELETE FROM auth_session");

    const renewing = stores.sessionStore.renew(id, later(1), later(2));
    await waitForWaiting(opened.pool, 1);
    await ending.release();
    await renewing;

    expect(await stores.sessionStore.find(id)).toBeUndefined();
  });

  it("ends with all sessions of its user although one is being renewed", async () => {
    const { id } = await addUser(stores);
    await startSession(stores);
    const renewing = await hold(
      opened.pool,
      "UPDATE auth_session SET last_seen_at = last_seen_at + interval '1 s'",
    );

    const ending = stores.sessionStore.endAllOfUser(id);
    await waitForWaiting(opened.pool, 1);
    await renewing.release();

    expect(await ending).toHaveLength(1);
    expect(await listLivingSessions(stores, 1)).toEqual([]);
  });

  it("is not deleted as expired if it is being renewed", async () => {
    await addUser(stores);
    const { id, idleExpiresAt } = await startSession(stores);
    const renewing = await hold(
      opened.pool,
      "UPDATE auth_session SET idle_expires_at = idle_expires_at + interval '1 h'",
    );

    const deleted = await stores.sessionStore.deleteExpired(idleExpiresAt, 10);
    await renewing.release();

    expect(deleted).toEqual([]);
    expect(await stores.sessionStore.find(id)).toBeDefined();
  });
});

describe("statements that end the same sessions", () => {
  const three = ["session-1", "session-2", "session-3"];

  async function startThree(): Promise<void> {
    await addUser(stores);
    for (const id of three) await startSession(stores, { id: brand(id) });
  }

  it("lock sessions in the same order, and one of them ends all", async () => {
    await startThree();
    const lock = await hold(opened.pool, lockSession("session-2"));

    const first = stores.sessionStore.endAllOfUser(brand("user-ada"));
    await waitForWaiting(opened.pool, 1);
    const second = stores.sessionStore.endByProviderSession(
      "provider-session-1",
      { tenantId: undefined, subject: undefined, startedUntil: undefined },
    );
    await waitForWaiting(opened.pool, 2);
    await lock.release();

    expect(await first).toHaveLength(3);
    expect(await second).toEqual([]);
  });

  it("are retried when the database cancels them in a deadlock", async () => {
    await startThree();
    const second = await hold(opened.pool, lockSession("session-2"));
    const third = await hold(
      opened.pool,
      // Only the store's statement detects the deadlock, so the database cancels that statement.
      "SET LOCAL deadlock_timeout = '1h'",
      lockSession("session-3"),
    );

    const ending = stores.sessionStore.endAllOfUser(brand("user-ada"));
    await waitForWaiting(opened.pool, 1);
    const crossing = third.run(lockSession("session-1"));
    await waitForWaiting(opened.pool, 2);
    await second.release();
    await crossing;
    await third.release();

    expect(await ending).toHaveLength(3);
  });
});
