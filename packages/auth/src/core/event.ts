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
  | "user_deleted"
  | "expired";

/**
 * An event for logs, metrics and audit. Its fields are identifiers, codes, counts and durations. It contains no secret
 * that would allow impersonating a user.
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
      /** The user who was refused, if known. */
      readonly userId: UserId | undefined;
      /** Whether a flow waited for the callback. An attacker can send any number of callbacks without a flow. */
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
      readonly type: "user.deleted";
      readonly userId: UserId;
      /** The administrator who did it; `undefined` if the app did. */
      readonly actorId: UserId | undefined;
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
 * The types of events that an audit trail keeps. The others are too frequent and change no access. A `flow.failed`
 * event is kept only if a flow waited for its callback.
 */
export const auditedEventTypes = [
  "flow.completed",
  "flow.failed",
  "session.ended",
  "token.refused",
  "user.disabled",
  "user.enabled",
  "user.deleted",
] as const satisfies readonly AuthEvent["type"][];

/** A type of event that an audit trail keeps. */
export type AuditedEventType = (typeof auditedEventTypes)[number];

/** Receives every event. A listener that throws or rejects never changes the outcome of a sign-in. */
export type AuthEventListener = (event: AuthEvent) => void;

/** Returns a listener whose exceptions and rejections are ignored, so that neither a sign-in nor the process fails. */
export function shieldListener<Arguments extends readonly unknown[]>(
  listener: ((...values: Arguments) => unknown) | undefined,
): (...values: Arguments) => void {
  return (...values) => {
    try {
      Promise.resolve(listener?.(...values)).catch(() => undefined);
    } catch {
      // A listener's failure is ignored.
    }
  };
}
