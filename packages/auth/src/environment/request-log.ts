import { isAuthError } from "../core/error.js";
import type { AuthErrorCode } from "../core/error.js";
import { toStatus } from "../http/error-response.js";
import { describeError } from "./logger.js";
import type { Logger } from "./logger.js";

// Attempts to do what a user may not do. `not_signed_in` is not such an attempt, refused sign-ins are reported as events,
// and `rate_limited` is logged with the client's address.
const refusalCodes: readonly AuthErrorCode[] = [
  "cross_site_request",
  "role_required",
  "tenant_required",
  "fresh_sign_in_required",
  "session_not_found",
  "user_not_found",
];

const maximumPathLength = 100;

/**
 * Logs a failed request: server errors with their stack, and refusals that say something about the client. The other
 * errors that a client caused are reported as events.
 */
export function logRequestFailure(
  logger: Logger,
  error: unknown,
  path: string | undefined,
): void {
  // The client decides how long the path is.
  const fields = { path: path?.slice(0, maximumPathLength) };
  const isExpected = isAuthError(error) && error.code !== "internal_error";
  if (isExpected && refusalCodes.includes(error.code)) {
    const { code, userId } = error;
    logger.info({ ...fields, code, userId }, "request.refused");
  }
  if (isExpected && toStatus(error.code) < 500) return;
  logger[isExpected ? "warn" : "error"](
    { ...fields, error: describeError(error) },
    "request.failed",
  );
}
