import { isAuthError } from "../core/error.js";
import type { AuthErrorCode } from "../core/error.js";
import type { AuthEvent } from "../core/event.js";
import { EnvironmentError } from "./variable-reader.js";

type Write = (fields: object, message: string) => void;

/** Where `createAuthFromEnvironment` writes its log: fields first, then the name of the event. Pino fits. */
export interface Logger {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

const attentionCodes: readonly AuthErrorCode[] = [
  "client_rejected",
  "id_token_invalid",
  "authorization_failed",
  "tenant_not_found",
  "identity_provider_unavailable",
  "store_unavailable",
];

/** Logs an event under its type. */
export function logEvent(logger: Logger, event: AuthEvent): void {
  logger[chooseLevel(event)](event, event.type);
}

function chooseLevel(event: AuthEvent): keyof Logger {
  const isFailure =
    event.type === "flow.failed" || event.type === "token.refused";
  if (!isFailure || isCausedByLink(event)) return "info";
  if (event.code === "internal_error") return "error";
  return attentionCodes.includes(event.code) ? "warn" : "info";
}

/** Whether any link can cause the failure: the author of a callback without a flow chooses its error. */
function isCausedByLink(event: AuthEvent): boolean {
  return (
    event.type === "flow.failed" &&
    !event.flowWaited &&
    event.code !== "store_unavailable" &&
    event.code !== "internal_error"
  );
}

/**
 * Describes an error for the log without foreign messages, which may quote secrets: names, codes and stack frames of the
 * whole chain of causes, and the identity provider's own code and trace ID.
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
    ...(error instanceof EnvironmentError ? { message: error.message } : {}),
    stack: frames.slice(0, 12).map((frame) => frame.trim()),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
