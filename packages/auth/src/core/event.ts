import type { AuthErrorCode } from "./error.js";
import type { FlowId, SessionId, UserId } from "./identifiers.js";

/** Why a session ended. */
export type SessionEndReason =
  | "signed_out"
  | "signed_out_everywhere"
  | "revoked"
  | "replaced"
  | "provider_signed_out"
  | "user_disabled"
  | "expired";

/**
 * What has happened, for logs, metrics and audit. Fields are identifiers, codes, counts and durations; nothing on an
 * event lets anybody act as a visitor.
 */
export type AuthEvent =
  | { readonly type: "flow.initiated"; readonly flowId: FlowId }
  | {
      readonly type: "flow.completed";
      readonly flowId: FlowId;
      readonly sessionId: SessionId;
      readonly userId: UserId;
      readonly isNewUser: boolean;
    }
  | {
      readonly type: "flow.failed";
      readonly flowId: FlowId | undefined;
      readonly code: AuthErrorCode;
      readonly aadsts: string | undefined;
      /** Who was refused, where that had been found out. */
      readonly userId: UserId | undefined;
      /** Whether a flow waited for the callback. Anybody can send callbacks that none waits for, without end. */
      readonly flowWaited: boolean;
    }
  | {
      readonly type: "session.ended";
      readonly sessionId: SessionId;
      readonly userId: UserId;
      readonly reason: SessionEndReason;
    }
  | {
      readonly type: "user.disabled" | "user.enabled";
      readonly userId: UserId;
      /** The administrator who did it. */
      readonly actorId: UserId;
    }
  | {
      readonly type: "token.acquired";
      readonly sessionId: SessionId;
      readonly fromCache: boolean;
    }
  | {
      readonly type: "token.refused";
      readonly sessionId: SessionId;
      readonly userId: UserId;
      readonly code: AuthErrorCode;
      readonly aadsts: string | undefined;
    };

/**
 * The types of events that an audit trail keeps; the others are too many, and nobody is let in or out by them. Of
 * `flow.failed` it keeps those that a flow waited for.
 */
export const auditedEventTypes = [
  "flow.completed",
  "flow.failed",
  "session.ended",
  "token.refused",
  "user.disabled",
  "user.enabled",
] as const satisfies readonly AuthEvent["type"][];

/** A type of event that an audit trail keeps. */
export type AuditedEventType = (typeof auditedEventTypes)[number];

/** Receives every event. A listener that throws or rejects never changes the outcome of a sign-in. */
export type AuthEventListener = (event: AuthEvent) => void;

/** Returns the listener, shielded: if it throws or rejects, neither a sign-in nor the process fails. */
export function shieldListener<Arguments extends readonly unknown[]>(
  listener: ((...values: Arguments) => unknown) | undefined,
): (...values: Arguments) => void {
  return (...values) => {
    try {
      Promise.resolve(listener?.(...values)).catch(() => undefined);
    } catch {
      // It failed at once.
    }
  };
}
