import type { Stores } from "../../src/core/stores/stores.js";
import {
  brand,
  createAdmission,
  createAuditRecord,
  createFlow,
  createPartition,
  createProfile,
  createSession,
  now,
} from "../../src/testing/store-samples.js";

/** The filter that matches all sessions of a sign-out at the identity provider. */
export const everywhere = {
  tenantId: undefined,
  subject: undefined,
  startedUntil: undefined,
};

/** A call of every method of every store, with sample arguments. */
export function listCalls({
  flowStore,
  userStore,
  sessionStore,
  tokenCacheStore,
  auditStore,
  rateLimitStore,
  leaseStore,
}: Stores): (() => Promise<unknown>)[] {
  const { stateDigest, browserTokenDigest } = createFlow();
  const { id, userId } = createSession();
  const { tenantId, objectId, subject } = createProfile();
  const query = { tenantId, limit: 1 };
  const { partitionKey } = createPartition();
  const lease = { name: "housekeeping", holder: "one", expiresAt: now };
  return [
    () => flowStore.add(createFlow()),
    () => flowStore.take(stateDigest, browserTokenDigest, now),
    () => flowStore.isPending(stateDigest, now),
    () => flowStore.deleteExpired(now, 1),
    () => userStore.find(brand("user-ada")),
    () => userStore.findByObjectId(tenantId, objectId),
    () => userStore.disable(userId, tenantId, now),
    () => userStore.enable(userId, tenantId),
    () => userStore.list({ ...query, search: "a", after: undefined }),
    () => userStore.list({ ...query, search: undefined, after: userId }),
    () => sessionStore.admit(createAdmission()),
    () => sessionStore.find(id),
    () => sessionStore.renew(id, now, now),
    () => sessionStore.end(id),
    () => sessionStore.list(userId, now, 1),
    () => sessionStore.endOfUser(id, userId),
    () => sessionStore.endAllOfUser(userId),
    () => sessionStore.endByProviderSession("provider-session-1", everywhere),
    () => sessionStore.endBySubject(tenantId, subject, now),
    () => sessionStore.deleteExpired(now, 1),
    () => tokenCacheStore.find(partitionKey, now),
    () => tokenCacheStore.put(createPartition()),
    () => tokenCacheStore.replace({ ...createPartition(), version: 1 }),
    () => tokenCacheStore.deleteUnused(partitionKey),
    () => tokenCacheStore.deleteExpired(now, 1),
    () => auditStore.append(createAuditRecord()),
    () =>
      auditStore.list({
        ...query,
        includesUnattributed: false,
        before: undefined,
      }),
    () =>
      auditStore.list({
        ...query,
        includesUnattributed: true,
        before: brand("audit-1"),
      }),
    () => rateLimitStore.count("login:203.0.113.7", 60),
    () => rateLimitStore.deleteExpired(now, 1),
    () => auditStore.deleteBefore(brand("audit-1"), 1),
    () => leaseStore.acquire(lease, now),
    () => leaseStore.release(lease),
    () => leaseStore.deleteExpired(now, 1),
  ];
}
