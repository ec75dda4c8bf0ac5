import { AuthError } from "../core/error.js";
import type { ReadHeader } from "./same-origin.js";

const streamedType = "application/jsonl";

/**
 * Refuses tRPC's streamed batches (`httpBatchStreamLink`) to whatever sets cookies: they send the headers before the
 * procedures have run, so a cookie that is set then is lost, and a sign-in with it.
 *
 * @throws {AuthError} `invalid_request`
 */
export function requireOpenHeaders(readHeader: ReadHeader): void {
  if (!isStreamed(readHeader)) return;
  throw new AuthError(
    "invalid_request",
    "Signing in and out sets cookies, which a streamed batch cannot. Use httpLink or httpBatchLink for auth.",
  );
}

/** Decides as tRPC does: by `trpc-accept`, and where that is absent by any type that `accept` lists. */
function isStreamed(readHeader: ReadHeader): boolean {
  const stated = readHeader("trpc-accept");
  if (typeof stated === "string") return stated === streamedType;
  const types = readHeader("accept")?.split(",") ?? [];
  return types.some((type) => type.trim() === streamedType);
}
