import { createAuditBoundary } from "./audit-trail.js";
import type { AuthEventListener } from "../event.js";
import type { Lease } from "../stores/lease-store.js";
import type { Ports } from "../ports.js";
import { closeSessions } from "../session/session-end.js";
import { skewSeconds } from "../token/signed-token.js";
import { addSeconds } from "../time.js";

/** How many rows of each kind were deleted. Where a number equals the limit, there may be more. */
export interface DeletedRows {
  readonly flows: number;
  readonly sessions: number;
  /** Those that had expired themselves; the tokens of an expired session are deleted with it and not counted. */
  readonly tokenCaches: number;
  readonly rateCounts: number;
  readonly auditEntries: number;
  /** Those of servers that crashed. */
  readonly leases: number;
}

/** What `deleteExpired` has done. If one kind fails, the others are deleted. */
export interface DeletionResult extends DeletedRows {
  readonly failures: readonly DeletionFailure[];
}

/** A kind of rows of which some could not be deleted. */
export interface DeletionFailure {
  readonly kind: keyof DeletedRows;
  readonly error: unknown;
}

/** Which server deletes expired rows, and how long the audit trail is kept. */
export interface Housekeeping {
  /** The name of this server in the lease. */
  readonly holder: string;
  /** How long an entry of the audit trail is kept; `undefined` keeps it for ever. */
  readonly auditRetentionDays: number | undefined;
}

const leaseName = "housekeeping";
/** Longer than clocks differ, so that a server whose clock is ahead cannot acquire a lease that is still renewed. */
const leaseSeconds = 600;
const daySeconds = 86_400;
const closedAtOnce = 10;

/**
 * Deletes expired rows, at most `limit` of each kind, so that no statement takes long, and reports each session that
 * ended. Does nothing while another server holds the lease.
 *
 * @throws {AuthError} `store_unavailable` if the lease cannot be acquired; any later failure is in the result.
 */
export async function deleteExpired(
  ports: Ports,
  report: AuthEventListener,
  { holder, auditRetentionDays }: Housekeeping,
  limit: number,
): Promise<DeletionResult> {
  const now = ports.now();
  if (!(await acquireLease(ports, holder, now))) return nothing;
  // Another server, whose clock is behind, may still accept what has just expired.
  const then = addSeconds(now, -skewSeconds);
  const failures: DeletionFailure[] = [];
  const deleteKind = async (
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
    ports;
  return {
    flows: await deleteKind("flows", () =>
      flowStore.deleteExpired(then, limit),
    ),
    sessions: await deleteKind("sessions", () =>
      deleteExpiredSessions(ports, report, failures, then, limit),
    ),
    tokenCaches: await deleteKind("tokenCaches", () =>
      tokenCacheStore.deleteExpired(then, limit),
    ),
    rateCounts: await deleteKind("rateCounts", () =>
      rateLimitStore.deleteExpired(then, limit),
    ),
    auditEntries: await deleteKind("auditEntries", async () => {
      if (auditRetentionDays === undefined) return 0;
      const oldest = addSeconds(then, -auditRetentionDays * daySeconds);
      return auditStore.deleteBefore(createAuditBoundary(oldest), limit);
    }),
    leases: await deleteKind("leases", () =>
      leaseStore.deleteExpired(then, limit),
    ),
    failures,
  };
}

/** Releases the lease, so that another server can delete expired rows at once. */
export async function releaseHousekeeping(
  { leaseStore }: Pick<Ports, "leaseStore">,
  { holder }: Housekeeping,
): Promise<void> {
  await leaseStore.release({ name: leaseName, holder });
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

function acquireLease(
  { leaseStore }: Pick<Ports, "leaseStore">,
  holder: string,
  now: Date,
): Promise<boolean> {
  const expiresAt = addSeconds(now, leaseSeconds);
  const lease: Lease = { name: leaseName, holder, expiresAt };
  return leaseStore.acquire(lease, now);
}

async function deleteExpiredSessions(
  ports: Ports,
  report: AuthEventListener,
  failures: DeletionFailure[],
  then: Date,
  limit: number,
): Promise<number> {
  const ended = await ports.sessionStore.deleteExpired(then, limit);
  // Each session costs statements of its own, for its tokens and its entry in the audit trail.
  for (let closed = 0; closed < ended.length; closed += closedAtOnce) {
    await yieldToEventLoop();
    const some = ended.slice(closed, closed + closedAtOnce);
    // The sessions are deleted, so each must be reported, even if this fails.
    await closeSessions(ports, report, some, "expired").catch(
      (error: unknown) => failures.push({ kind: "sessions", error }),
    );
  }
  return ended.length;
}

/** Yields to the event loop, because a statement on an embedded database blocks the whole process. */
function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
