import { createAuditBoundary } from "./audit-trail.js";
import type { AuthEventListener } from "../event.js";
import type { Lease } from "../stores/lease-store.js";
import type { Ports } from "../ports.js";
import { closeSessions } from "../session/session-end.js";
import { skewSeconds } from "../token/signed-token.js";
import { addSeconds } from "../time.js";

/** How many rows of each kind were removed. Where a number equals the limit, more may be waiting. */
export interface DeletedRows {
  readonly flows: number;
  readonly sessions: number;
  /** Those that had expired themselves; what no session refers to any more goes with the last one that did. */
  readonly tokenCaches: number;
  readonly rateCounts: number;
  readonly auditEntries: number;
}

/** What `deleteExpired` has done. One kind that fails does not keep the others from being removed. */
export interface DeletionResult extends DeletedRows {
  readonly failures: readonly DeletionFailure[];
}

/** A kind of rows of which some could not be removed. */
export interface DeletionFailure {
  readonly kind: keyof DeletedRows;
  readonly error: unknown;
}

type LeasePorts = Pick<Ports, "leaseStore" | "identityClient">;

/** How one server deletes expired rows. */
export interface Housekeeping {
  /** The name of this server. */
  readonly holder: string;
  /** How long the audit trail keeps an entry; without it, for ever. */
  readonly auditRetentionDays: number | undefined;
}

/** Longer than clocks differ: a server whose clock is ahead does not take the lease of one that still renews it. */
const leaseSeconds = 600;
const daySeconds = 86_400;
const closedAtOnce = 10;

/**
 * Deletes expired rows, at most `limit` of each kind, so that no single statement takes long, and reports each session.
 * Does nothing while another server of the client has the lease.
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
  // What has expired by this server's clock, another's may honour for a little longer.
  const then = addSeconds(now, -skewSeconds);
  const failures: DeletionFailure[] = [];
  const remove = async (
    kind: keyof DeletedRows,
    deleteRows: () => Promise<number>,
  ): Promise<number> => {
    await giveWay();
    try {
      return await deleteRows();
    } catch (error) {
      failures.push({ kind, error });
      return 0;
    }
  };
  const { flowStore, tokenCacheStore, rateLimitStore, auditStore } = ports;
  return {
    flows: await remove("flows", () => flowStore.deleteExpired(then, limit)),
    sessions: await remove("sessions", () =>
      deleteExpiredSessions(ports, report, failures, then, limit),
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
    failures,
  };
}

/** Leaves the removal of expired rows to another server. */
export async function releaseHousekeeping(
  ports: LeasePorts,
  { holder }: Housekeeping,
): Promise<void> {
  await ports.leaseStore.release({ name: createLeaseName(ports), holder });
}

const nothing: DeletionResult = {
  flows: 0,
  sessions: 0,
  tokenCaches: 0,
  rateCounts: 0,
  auditEntries: 0,
  failures: [],
};

function acquireLease(
  ports: LeasePorts,
  holder: string,
  now: Date,
): Promise<boolean> {
  const expiresAt = addSeconds(now, leaseSeconds);
  const lease: Lease = { name: createLeaseName(ports), holder, expiresAt };
  return ports.leaseStore.acquire(lease, now);
}

// One for each client: only the servers of a client report the ends of its sessions.
function createLeaseName({ identityClient }: LeasePorts): string {
  return `housekeeping:${identityClient.clientId}`;
}

async function deleteExpiredSessions(
  ports: Ports,
  report: AuthEventListener,
  failures: DeletionFailure[],
  then: Date,
  limit: number,
): Promise<number> {
  const ended = await ports.sessionStore.deleteExpired(then, limit);
  // Each has its entry in the audit trail and its tokens: a statement of their own.
  for (let closed = 0; closed < ended.length; closed += closedAtOnce) {
    await giveWay();
    const some = ended.slice(closed, closed + closedAtOnce);
    // They are gone: whatever fails, each has to be told of.
    await closeSessions(ports, report, some, "expired").catch(
      (error: unknown) => failures.push({ kind: "sessions", error }),
    );
  }
  return ended.length;
}

/** Lets everything else go on first: an embedded database holds up the whole process while it works. */
function giveWay(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
