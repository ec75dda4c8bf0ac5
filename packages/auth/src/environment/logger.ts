import { isAuthError } from "../core/error.js";
import type { AuthErrorCode } from "../core/error.js";
import type { AuthEvent } from "../core/event.js";
import { EnvironmentError } from "./variable-reader.js";

type Write = (fields: object, message: string) => void;

/** The logger of `createAuthFromEnvironment`: fields first, then the name of the event, as in Pino. */
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

/** Logs an event with its type as the message. */
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

/** Returns whether a forged link can cause the failure: in a callback without a flow, its author chooses the error. */
function isCausedByLink(event: AuthEvent): boolean {
  return (
    event.type === "flow.failed" &&
    !event.flowWaited &&
    event.code !== "store_unavailable" &&
    event.code !== "internal_error"
  );
}

/**
 * Describes an error and its causes for the log: names, codes, stack frames, and the identity provider's code and trace
 * ID. Messages of other libraries are omitted, because they may contain secrets.
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
