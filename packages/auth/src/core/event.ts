import type { AuthErrorCode } from "./error.js";
import type { FlowId, SessionId, UserId } from "./identifiers.js";

/** Why a session ended. */
export type SessionEndReason =
  "signed_out" | "replaced" | "provider_signed_out";

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
    }
  | {
      readonly type: "session.ended";
      readonly sessionId: SessionId;
      readonly userId: UserId;
      readonly reason: SessionEndReason;
    }
  | {
      readonly type: "token.acquired";
      readonly sessionId: SessionId;
      readonly fromCache: boolean;
    }
  | {
      readonly type: "token.refused";
      readonly sessionId: SessionId;
      readonly code: AuthErrorCode;
    };

/** Receives every event. One that throws never changes the outcome of a sign-in. */
export type AuthEventListener = (event: AuthEvent) => void;
