import { AuthError, toFailure, withDetails } from "../error.js";
import type { AuthEventListener } from "../event.js";
import type { FlowId, ReturnUrl } from "../identifiers.js";
import type { StartedSession } from "../session/session.js";
import type { EndedSession } from "../stores/session-store.js";

/** Returns the failure of a callback, with the return URL of its flow if the flow was taken. */
export function describeFailure(
  error: unknown,
  returnUrl: ReturnUrl | undefined,
): AuthError {
  const failure = toFailure(error);
  if (returnUrl === undefined) return failure;
  return failure.code === "store_unavailable"
    ? createIncompleteFailure(failure, returnUrl)
    : withDetails(failure, { returnUrl, isFlowTaken: true });
}

/** After the flow is taken, sending the same callback again cannot succeed, so the message differs. */
function createIncompleteFailure(
  failure: AuthError,
  returnUrl: ReturnUrl,
): AuthError {
  return new AuthError(
    "store_unavailable",
    "The database did not respond while the sign-in was being completed. Start again.",
    { cause: failure, userId: failure.userId, returnUrl, isFlowTaken: true },
  );
}

/** Reports the completed flow, and the end of the session that the new one replaced. */
export function reportCompleted(
  report: AuthEventListener,
  flowId: FlowId,
  { session, user, isNewUser, replaced }: StartedSession,
): void {
  report({
    type: "flow.completed",
    flowId,
    sessionId: session.id,
    userId: user.id,
    isNewUser,
  });
  reportReplaced(report, replaced);
}

/** Reports the end of the session that a new one replaced, if there was one. */
export function reportReplaced(
  report: AuthEventListener,
  replaced: EndedSession | undefined,
): void {
  if (replaced === undefined) return;
  const { id, userId } = replaced;
  report({ type: "session.ended", sessionId: id, userId, reason: "replaced" });
}
