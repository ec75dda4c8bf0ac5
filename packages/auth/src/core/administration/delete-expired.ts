import type { Core } from "../core.js";
import { createName } from "../digest.js";
import { createAuditBoundary } from "./audit-trail.js";
import type { Lease } from "../stores/lease-store.js";
import { closeSessions } from "../session/session-end.js";
import { skewSeconds } from "../token/signed-token.js";
import { addSeconds } from "../time.js";

/** The number of removed rows of each kind. If a number equals the limit, there may be more. */
export interface DeletedRows {
  readonly flows: number;
  readonly sessions: number;
  /** Expired partitions; the others are removed with the last session that refers to them. */
  readonly tokenCaches: number;
  readonly rateCounts: number;
  readonly auditEntries: number;
  /** Leases of servers that crashed. */
  readonly leases: number;
}

/** The result of `deleteExpired`. */
export interface DeletionResult extends DeletedRows {
  readonly failures: readonly DeletionFailure[];
}

/** A kind of rows that could not be removed completely. */
export interface DeletionFailure {
  readonly kind: keyof DeletedRows;
  readonly error: unknown;
}

/** The removal of expired rows. */
export interface Housekeeping {
  /**
   * Removes rows that expired more than five minutes ago, at most `limit` of each kind (default: 25), and entries of the
   * audit trail that are older than `auditRetentionDays`. Call it at intervals on every server: one server does the work
   * until it stops; on the others it removes nothing. If one kind fails, it is in `failures`, and the other kinds are still
   * removed.
   *
   * @throws {AuthError} `store_unavailable` if the lease cannot be acquired.
   */
  deleteExpired(limit?: number): Promise<DeletionResult>;

  /**
   * Lets another server remove expired rows. Call it when this server stops; otherwise the others wait for ten minutes.
   *
   * @throws {AuthError} `store_unavailable`
   */
  releaseHousekeeping(): Promise<void>;
}

const defaultLimit = 25;
/** More than the clocks may differ, so that a server whose clock is ahead does not acquire a lease in use. */
const leaseSeconds = 600;
const daySeconds = 86_400;
const closedAtOnce = 10;

/** Creates the methods that remove expired rows. */
export function createHousekeeping(core: Core): Housekeeping {
  const { leaseStore, now } = core;
  const holder = createName();
  // One lease for each client: only the servers of a client report the ends of its sessions.
  const leaseName = `housekeeping:${core.identityClient.clientId}`;
  return {
    deleteExpired: async (limit = defaultLimit) => {
      const expiresAt = addSeconds(now(), leaseSeconds);
      const lease: Lease = { name: leaseName, holder, expiresAt };
      return (await leaseStore.acquire(lease, now()))
        ? deleteEachKind(core, limit)
        : nothing;
    },
    releaseHousekeeping: () => leaseStore.release({ name: leaseName, holder }),
  };
}

/** Removes at most `limit` rows of each kind, so that no statement takes long, and reports each session that has ended. */
async function deleteEachKind(
  core: Core,
  limit: number,
): Promise<DeletionResult> {
  // Rows that have expired by this server's clock may still be valid by another server's clock.
  const then = addSeconds(core.now(), -skewSeconds);
  const failures: DeletionFailure[] = [];
  const remove = async (
    kind: keyof DeletedRows,
    deleteRows: () => Promise<number>,
  ): Promise<number> => {
    await yieldToEventLoop();
    try {
      return await deleteRows();
    } catch (error) {
      failures.push({ kind, error });
      return 0;
    }
  };
  const { flowStore, tokenCacheStore, rateLimitStore, auditStore, leaseStore } =
    core;
  const { auditRetentionDays } = core.settings;
  return {
    flows: await remove("flows", () => flowStore.deleteExpired(then, limit)),
    sessions: await remove("sessions", () =>
      deleteExpiredSessions(core, failures, then, limit),
    ),
    tokenCaches: await remove("tokenCaches", () =>
      tokenCacheStore.deleteExpired(then, limit),
    ),
    rateCounts: await remove("rateCounts", () =>
      rateLimitStore.deleteExpired(then, limit),
    ),
    auditEntries: await remove("auditEntries", async () => {
      if (auditRetentionDays === undefined) return 0;
      const oldest = addSeconds(then, -auditRetentionDays * daySeconds);
      return auditStore.deleteBefore(createAuditBoundary(oldest), limit);
    }),
    leases: await remove("leases", () => leaseStore.deleteExpired(then, limit)),
    failures,
  };
}

const nothing: DeletionResult = {
  flows: 0,
  sessions: 0,
  tokenCaches: 0,
  rateCounts: 0,
  auditEntries: 0,
  leases: 0,
  failures: [],
};

async function deleteExpiredSessions(
  core: Core,
  failures: DeletionFailure[],
  then: Date,
  limit: number,
): Promise<number> {
  const ended = await core.sessionStore.deleteExpired(then, limit);
  // Each session needs its own statements, for its audit entry and its tokens.
  for (let closed = 0; closed < ended.length; closed += closedAtOnce) {
    await yieldToEventLoop();
    const some = ended.slice(closed, closed + closedAtOnce);
    // The sessions are already deleted, so each must be reported even if another fails.
    await closeSessions(core, core.report, some, "expired").catch(
      (error: unknown) => failures.push({ kind: "sessions", error }),
    );
  }
  return ended.length;
}

/** Lets the process serve requests: an embedded database blocks it during each statement. */
function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
