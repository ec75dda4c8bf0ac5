import { isAuthError } from "@entrada/auth";
import type { AuthError, AuthErrorCode, AuthEvent } from "@entrada/auth";
import { pino } from "pino";

/** Where the server says what it does: one JSON line each, on standard output. */
export type Log = ReturnType<typeof createLog>;

/** Makes the log. */
export function createLog(level: string) {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Writes an event as one structured line. */
export function logEvent(log: Log, event: AuthEvent): void {
  const isFailure =
    event.type === "flow.failed" || event.type === "token.refused";
  const isCausedByLink = event.type === "flow.failed" && isOfLink(event);
  const level =
    isFailure && !isCausedByLink ? failureLevel(event.code) : "info";
  log[level](event, event.type);
}

/** Whether any link can cause the failure: a callback without a flow names whatever error its author likes. */
function isOfLink({
  code,
  flowWaited,
}: Extract<AuthEvent, { readonly type: "flow.failed" }>): boolean {
  return (
    !flowWaited && code !== "store_unavailable" && code !== "internal_error"
  );
}

/** Whose failure it is: ours and the provider's disturb somebody at night, a visitor's does not. */
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

// What somebody tried who may not. That nobody is signed in is no attempt, the sign-in's own refusals are events, and
// `rate_limited` is logged where the address is known that was counted.
const refusalCodes: readonly AuthErrorCode[] = [
  "cross_site_request",
  "role_required",
  "tenant_required",
  "fresh_sign_in_required",
  "session_not_found",
  "user_not_found",
];

const maximumPathLength = 100;

/** Writes one line about a request that was refused, if its refusal says something about who asked. */
export function logRefusal(log: Log, failure: AuthError, path: string): void {
  const { code, userId } = failure;
  if (refusalCodes.includes(code))
    log.info({ path: cutPath(path), code, userId }, "request.refused");
}

/** As much of the path as tells what was asked for; whoever asks decides how long it is. */
export function cutPath(path: string | undefined): string | undefined {
  return path?.slice(0, maximumPathLength);
}

/**
 * Describes a failure without its messages, which may quote what a foreign library had in hand: names, codes and stack
 * frames of the whole chain of causes, and the identity provider's own code and trace ID.
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
