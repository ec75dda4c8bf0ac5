import { isAuthError } from "@entrada/auth";
import type { AuthError, AuthErrorCode, AuthEvent } from "@entrada/auth";
import { pino } from "pino";

/** The log of the server: JSON lines on standard output. */
export type Log = ReturnType<typeof createLog>;

export function createLog(level: string) {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Logs an event. */
export function logEvent(log: Log, event: AuthEvent): void {
  const isFailure =
    event.type === "flow.failed" || event.type === "token.refused";
  const isCausedByLink = event.type === "flow.failed" && isOfLink(event);
  const level =
    isFailure && !isCausedByLink ? failureLevel(event.code) : "info";
  log[level](event, event.type);
}

/** Whether any link can cause the failure: a callback without a flow can contain any error. */
function isOfLink({
  code,
  flowWaited,
}: Extract<AuthEvent, { readonly type: "flow.failed" }>): boolean {
  return (
    !flowWaited && code !== "store_unavailable" && code !== "internal_error"
  );
}

/** Returns the level of a failure. Only failures of ours and of the provider need attention, not those of a visitor. */
function failureLevel(code: AuthErrorCode): "error" | "warn" | "info" {
  if (code === "internal_error") return "error";
  const needsAttention: readonly AuthErrorCode[] = [
    "client_rejected",
    "id_token_invalid",
    "authorization_failed",
    "tenant_not_found",
    "identity_provider_unavailable",
    "store_unavailable",
  ];
  return needsAttention.includes(code) ? "warn" : "info";
}

// Attempts without permission. `not_signed_in` is not one, refused sign-ins are events, and `rate_limited` is logged
// with the counted address.
const refusalCodes: readonly AuthErrorCode[] = [
  "cross_site_request",
  "role_required",
  "tenant_required",
  "fresh_sign_in_required",
  "session_not_found",
  "user_not_found",
];

const maximumPathLength = 100;

/** Logs a refused request if it was an attempt without permission. */
export function logRefusal(log: Log, failure: AuthError, path: string): void {
  const { code, userId } = failure;
  if (refusalCodes.includes(code))
    log.info({ path: cutPath(path), code, userId }, "request.refused");
}

/** Limits the length of a path that a client chose. */
export function cutPath(path: string | undefined): string | undefined {
  return path?.slice(0, maximumPathLength);
}

/**
 * Describes an error and its causes by names, codes and stack frames, and by the identity provider's code and trace ID.
 * Messages of other libraries are omitted, because they may contain secrets.
 */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const frames =
    error.stack?.split("\n").filter((line) => line.startsWith("    at ")) ?? [];
  return {
    type: error.name,
    ...("code" in error && typeof error.code === "string"
      ? { code: error.code }
      : {}),
    ...(isAuthError(error)
      ? { message: error.message, provider: error.provider }
      : {}),
    stack: frames.slice(0, 12).map((frame) => frame.trim()),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
