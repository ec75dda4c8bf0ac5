import { createName } from "../digest.js";
import { AuthError } from "../error.js";
import { auditedEventTypes, shieldListener } from "../event.js";
import type { AuditedEventType, AuthEvent } from "../event.js";
import type { AuditRecordId } from "../identifiers.js";
import type { AuditRecord, AuditStore } from "../stores/audit-store.js";

/** What `createAuditTrail` needs. */
export interface AuditTrailOptions {
  readonly auditStore: AuditStore;
  /** Told of an entry that could not be kept: the only place where it still is. What it throws is lost. */
  readonly onFailure: (error: unknown, record: AuditRecord) => void;
  readonly now?: (() => Date) | undefined;
}

/** Keeps what happens as entries of the audit trail. */
export interface AuditTrail {
  /** Keeps the event, if a trail keeps such events. Never throws; give it every event. */
  record(event: AuthEvent): void;

  /**
   * Waits until everything recorded so far is kept, or told as a failure. Once the signal comes, what the store was not yet
   * asked to keep is told as one: for a process that has to end although its database does not answer.
   */
  settle(signal?: AbortSignal): Promise<void>;
}

type AuditedEvent = Extract<AuthEvent, { readonly type: AuditedEventType }>;

const maximumWaiting = 10_000;
const instantDigits = 12;

/**
 * Makes the audit trail over a store; its `record` goes into `onEvent` of `createAuth`. Entries are kept in their order,
 * one at a time: a store that is slow has no second one to deal with.
 */
export function createAuditTrail({
  auditStore,
  onFailure,
  now = () => new Date(),
}: AuditTrailOptions): AuditTrail {
  const createId = createIdSequence();
  const tellFailure = shieldListener(onFailure);
  let waiting = 0;
  let last = Promise.resolve();
  let ending: AbortSignal | undefined;

  const keep = async (record: AuditRecord) => {
    try {
      ending?.throwIfAborted();
      await auditStore.append(record);
    } catch (error) {
      tellFailure(error, record);
    }
    waiting -= 1;
  };
  return {
    record: (event) => {
      if (!isAudited(event)) return;
      const occurredAt = now();
      const record = toRecord(event, createId(occurredAt), occurredAt);
      // A store that does not answer must not be waited for by ever more entries.
      if (waiting >= maximumWaiting) {
        tellFailure(tooManyWaiting(), record);
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

/** Returns what sorts before the ID of every entry that is made at this instant or later, and after any other's. */
export function createAuditBoundary(instant: Date): AuditRecordId {
  return toHex(instant.getTime(), instantDigits) as AuditRecordId;
}

function isAudited(event: AuthEvent): event is AuditedEvent {
  // Nothing leaves the trail for long: what anybody can cause without end must not get into it.
  if (event.type === "flow.failed") return event.flowWaited;
  return auditedEventTypes.some((type) => type === event.type);
}

function toRecord(
  event: AuditedEvent,
  id: AuditRecordId,
  occurredAt: Date,
): AuditRecord {
  return {
    id,
    type: event.type,
    occurredAt,
    flowId: "flowId" in event ? event.flowId : undefined,
    sessionId: "sessionId" in event ? event.sessionId : undefined,
    userId: event.userId,
    actorId: "actorId" in event ? event.actorId : undefined,
    code: "code" in event ? event.code : undefined,
    aadsts: "aadsts" in event ? event.aadsts : undefined,
    reason: "reason" in event ? event.reason : undefined,
  };
}

/** Returns a function that makes IDs which sort as they were made, whatever the clock does, and meet no other server's. */
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
