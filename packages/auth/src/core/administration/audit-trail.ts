import { createName } from "../digest.js";
import { AuthError } from "../error.js";
import { auditedEventTypes, shieldListener } from "../event.js";
import type { AuditedEventType, AuthEvent } from "../event.js";
import type { AuditRecordId } from "../identifiers.js";
import type { AuditRecord, AuditStore } from "../stores/audit-store.js";

/** The options of `createAuditTrail`. */
export interface AuditTrailOptions {
  readonly auditStore: AuditStore;
  /** Receives each entry that could not be stored, and the error. Errors that it throws are ignored. */
  readonly onFailure: (error: unknown, record: AuditRecord) => void;
  readonly now?: (() => Date) | undefined;
}

/** Stores events as entries of the audit trail. */
export interface AuditTrail {
  /** Stores the event if its type belongs in the audit trail. Never throws. `createAuth` calls it for every event. */
  record(event: AuthEvent): void;

  /** Creates the next entry without storing it, for a store that adds it together with the change that it describes. */
  createRecord(entry: NewRecord): AuditRecord;

  /**
   * Waits until each event recorded so far is stored or reported as a failure. When the signal aborts, waiting entries are
   * reported as failures, so that a process can exit although its database does not respond.
   */
  settle(signal?: AbortSignal): Promise<void>;
}

/** The fields of a new entry. */
export type NewRecord = Pick<AuditRecord, "type"> & {
  readonly [Name in Exclude<keyof AuditRecord, "id" | "occurredAt" | "type">]?:
    AuditRecord[Name] | undefined;
};

type AuditedEvent = Extract<AuthEvent, { readonly type: AuditedEventType }>;

const maximumWaiting = 10_000;
const instantDigits = 12;

/**
 * Creates the audit trail of a store, for the option `auditTrail` of `createAuth`. The entries of a sign-in are stored in
 * one transaction with its session. All others are stored in order, one at a time.
 */
export function createAuditTrail({
  auditStore,
  onFailure,
  now = () => new Date(),
}: AuditTrailOptions): AuditTrail {
  const createId = createIdSequence();
  const reportFailure = shieldListener(onFailure);
  let waiting = 0;
  let last = Promise.resolve();
  let ending: AbortSignal | undefined;

  const keep = async (record: AuditRecord) => {
    try {
      ending?.throwIfAborted();
      await auditStore.append(record);
    } catch (error) {
      reportFailure(error, record);
    }
    waiting -= 1;
  };
  const createRecord = (entry: NewRecord) => {
    const occurredAt = now();
    return toRecord(entry, createId(occurredAt), occurredAt);
  };
  return {
    createRecord,
    record: (event) => {
      if (!isAudited(event)) return;
      const record = createRecord(event);
      // Limits the memory that waiting entries use while the database does not respond.
      if (waiting >= maximumWaiting) {
        reportFailure(tooManyWaiting(), record);
        return;
      }
      waiting += 1;
      last = last.then(() => keep(record));
    },
    settle: (signal) => {
      ending = signal;
      return last;
    },
  };
}

/** Returns an ID that sorts before the entries of this instant and later, and after all earlier entries. */
export function createAuditBoundary(instant: Date): AuditRecordId {
  return toHex(instant.getTime(), instantDigits) as AuditRecordId;
}

function isAudited(event: AuthEvent): event is AuditedEvent {
  // Entries are kept for a long time, so failures that unauthenticated requests can cause without limit are not stored.
  if (event.type === "flow.failed") return event.flowWaited;
  return auditedEventTypes.some((type) => type === event.type);
}

function toRecord(
  { type, flowId, sessionId, userId, actorId, code, aadsts, reason }: NewRecord,
  id: AuditRecordId,
  occurredAt: Date,
): AuditRecord {
  return {
    id,
    type,
    occurredAt,
    flowId,
    sessionId,
    userId,
    actorId,
    code,
    aadsts,
    reason,
  };
}

/** Returns a function that creates IDs, unique across servers, that sort in order even if the clock goes back. */
function createIdSequence(): (occurredAt: Date) => AuditRecordId {
  let last = { instant: 0, count: 0 };
  return (occurredAt) => {
    const instant = Math.max(occurredAt.getTime(), last.instant);
    last = {
      instant,
      count: instant === last.instant ? last.count + 1 : 0,
    };
    return `${toHex(instant, instantDigits)}${toHex(last.count, 6)}.${createName()}` as AuditRecordId;
  };
}

function toHex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function tooManyWaiting(): AuthError {
  return new AuthError(
    "store_unavailable",
    "Too many entries of the audit trail wait for the database.",
  );
}
