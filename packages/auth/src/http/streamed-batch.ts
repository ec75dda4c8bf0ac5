import { AuthError } from "../core/error.js";
import { isWebSocketHandshake } from "./same-origin.js";
import type { ReadHeader } from "./same-origin.js";

const streamedType = "application/jsonl";

/**
 * Refuses tRPC's streamed batches (`httpBatchStreamLink`) and calls over a WebSocket for procedures that set cookies.
 * Their response headers are sent before the procedures have run, so the cookie would be lost.
 *
 * @throws {AuthError} `invalid_request`
 */
export function refuseSentHeaders(readHeader: ReadHeader): void {
  if (isWebSocketHandshake(readHeader))
    throw new AuthError(
      "invalid_request",
      "Sign-in and sign-out set cookies, and a call over a WebSocket cannot. Use httpLink or httpBatchLink for auth.",
    );
  if (!isStreamed(readHeader)) return;
  throw new AuthError(
    "invalid_request",
    "Sign-in and sign-out set cookies, and a streamed batch cannot. Use httpLink or httpBatchLink for auth.",
  );
}

/** Decides as tRPC does: by `trpc-accept` or, if it is absent, by the types in `accept`. */
function isStreamed(readHeader: ReadHeader): boolean {
  const stated = readHeader("trpc-accept");
  if (typeof stated === "string") return stated === streamedType;
  const types = readHeader("accept")?.split(",") ?? [];
  return types.some((type) => type.trim() === streamedType);
}
