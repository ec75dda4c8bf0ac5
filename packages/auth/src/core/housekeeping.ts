import { createAuditBoundary } from "./audit-trail.js";
import type { AuthEventListener } from "./event.js";
import type { Lease, Ports } from "./ports.js";
import { closeSessions } from "./session-end.js";
import { skewSeconds } from "./signed-token.js";
import { addSeconds } from "./time.js";

/** How many rows were removed. Where a number equals the limit, more may be waiting. */
export interface DeletedRows {
  readonly flows: number;
  readonly sessions: number;
  /** Those that had expired themselves; what no session refers to any more goes with the last one that did. */
  readonly tokenCaches: number;
  readonly rateCounts: number;
  readonly auditEntries: number;
}

/** How one server keeps house. */
export interface Housekeeping {
  /** The name of this server. */
  readonly holder: string;
  /** How long the audit trail keeps an entry; without it, for ever. */
  readonly auditRetentionDays: number | undefined;
}

const leaseName = "housekeeping";
/** Longer than clocks differ: a server whose clock is ahead does not take the lease of one that still renews it. */
const leaseSeconds = 600;
const daySeconds = 86_400;
const closedAtOnce = 10;

/**
 * Removes expired rows, at most `limit` of each kind, so that no single statement takes long; tells of each session. Does
 * nothing while another server has the lease.
 */
export async function deleteExpired(
  ports: Ports,
  report: AuthEventListener,
  { holder, auditRetentionDays }: Housekeeping,
  limit: number,
): Promise<DeletedRows> {
  const now = ports.now();
  if (!(await acquireLease(ports, holder, now))) return nothing;
  // What has expired by this server's clock, another's may honour for a little longer.
  const then = addSeconds(now, -skewSeconds);
  await giveWay();
  const flows = await ports.flowStore.deleteExpired(then, limit);
  await giveWay();
  const sessions = await deleteExpiredSessions(ports, report, then, limit);
  await giveWay();
  const tokenCaches = await ports.tokenCacheStore.deleteExpired(then, limit);
  await giveWay();
  const rateCounts = await ports.rateLimitStore.deleteExpired(then, limit);
  await giveWay();
  const auditEntries =
    auditRetentionDays === undefined
      ? 0
      : await ports.auditStore.deleteBefore(
          createAuditBoundary(
            addSeconds(then, -auditRetentionDays * daySeconds),
          ),
          limit,
        );
  return { flows, sessions, tokenCaches, rateCounts, auditEntries };
}

/** Leaves the removal of expired rows to another server. */
export async function releaseHousekeeping(
  { leaseStore }: Pick<Ports, "leaseStore">,
  { holder }: Housekeeping,
): Promise<void> {
  await leaseStore.release({ name: leaseName, holder });
}

const nothing: DeletedRows = {
  flows: 0,
  sessions: 0,
  tokenCaches: 0,
  rateCounts: 0,
  auditEntries: 0,
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
  then: Date,
  limit: number,
): Promise<number> {
  const ended = await ports.sessionStore.deleteExpired(then, limit);
  const failures: unknown[] = [];
  // Each has its entry in the audit trail and its tokens: a statement of their own.
  for (let closed = 0; closed < ended.length; closed += closedAtOnce) {
    await giveWay();
    const some = ended.slice(closed, closed + closedAtOnce);
    // They are gone: whatever fails, each has to be told of.
    await closeSessions(ports, report, some, "expired").catch(
      (error: unknown) => failures.push(error),
    );
  }
  if (failures.length > 0) throw failures[0];
  return ended.length;
}

/** Lets everything else go on first: an embedded database holds up the whole process while it works. */
function giveWay(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
