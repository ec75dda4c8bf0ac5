import { AuthError, toFailure } from "../../core/error.js";
import { toStatus } from "../../http/error-response.js";
import { requireSameOrigin } from "../../http/same-origin.js";
import { createErrorShape, toTrpcError } from "../error-formatter.js";
import type { RequestHead, TrpcHost } from "./trpc-host.js";

/** A response without tRPC: its status and its JSON text. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
}

/** Why the body of a request was not read. */
export type BodyFailure = "too_long" | "late" | "closed";

const bodyRefusals = {
  too_long: [413, "The request's body is too long."],
  late: [408, "The body of the request did not arrive in time."],
  closed: [400, "The connection was closed before the body was complete."],
} as const satisfies Record<BodyFailure, readonly [number, string]>;

/**
 * Returns the refusal of a request that must not reach tRPC: one that another site sent, a batch of too many calls, and
 * a path with an invalid percent-encoding. Every procedure of this package checks the first, too. Here it is checked
 * before the body is read.
 */
export function findRefusal<HostRequest>(
  host: TrpcHost<HostRequest>,
  { method, path, readHeader }: RequestHead,
): Refusal | undefined {
  try {
    requireSameOrigin(readHeader, host.origin, method);
    // All others are permitted, and most requests are single calls.
    if (/[%,]/.test(path)) requirePermittedPath(path, host.limits.maxBatchSize);
    return undefined;
  } catch (error) {
    return refuse(host, error, path);
  }
}

/** Returns the response to a failure outside tRPC, and reports it. */
export function refuse<HostRequest>(
  { report }: Pick<TrpcHost<HostRequest>, "report">,
  error: unknown,
  sentPath = "",
): Refusal {
  const failure = toFailure(error);
  const path = sentPath.replaceAll("/", "");
  report({ error: toTrpcError(failure), path });
  return {
    status: toStatus(failure.code),
    body: JSON.stringify({ error: createErrorShape(failure, { path }) }),
  };
}

/** Returns the response to a request whose body was not read. */
export function refuseBody(reason: BodyFailure): Refusal {
  const [status, message] = bodyRefusals[reason];
  const shape = createErrorShape(new AuthError("invalid_request", message));
  const error = { ...shape, data: { ...shape.data, httpStatus: status } };
  return { status, body: JSON.stringify({ error }) };
}

/** The error of an address that is not valid. */
export function createAddressError(cause?: unknown): AuthError {
  return new AuthError("invalid_request", "The address cannot be read.", {
    cause,
  });
}

/**
 * The path separates procedures by commas, which no procedure has in its name. tRPC reports an invalid percent-encoding
 * as a server error.
 */
function requirePermittedPath(path: string, maxBatchSize: number): void {
  if (decodePath(path).split(",").length > maxBatchSize)
    throw new AuthError(
      "invalid_request",
      `A batch makes at most ${maxBatchSize} calls.`,
    );
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw createAddressError(cause);
  }
}
