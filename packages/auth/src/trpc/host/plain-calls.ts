import {
  TRPCError,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  transformTRPCResponse,
} from "@trpc/server";
import { getHTTPStatusCode } from "@trpc/server/http";
import type { TRPCResponse } from "@trpc/server/rpc";
import type { AuthContext } from "../auth-procedures.js";
import { createInputReader } from "./plain-input.js";
import type { InputReader } from "./plain-input.js";
import type { PlainRequest } from "./plain-request.js";
import type { TrpcHost } from "./trpc-host.js";

/** What the calls of one request share. */
export interface PlainCalls<HostRequest> {
  readonly host: TrpcHost<HostRequest>;
  readonly request: PlainRequest;
  /** The body of a POST. */
  readonly body: string;
  readonly signal: AbortSignal;
  readonly createContext: () => AuthContext | Promise<AuthContext>;
}

/** The response to the calls of one request. */
export interface PlainResponse {
  readonly status: number;
  readonly body: string;
}

type Outcome = { readonly data: unknown } | { readonly error: TRPCError };

interface Running<HostRequest> {
  readonly calls: PlainCalls<HostRequest>;
  readonly inputs: InputReader;
  readonly context: Outcome;
}

/** Calls the procedures as tRPC's own host does, and returns the same response. A test compares the two. */
export async function callPlainly<HostRequest>(
  calls: PlainCalls<HostRequest>,
): Promise<PlainResponse> {
  const { isBatch, procedures } = calls.request;
  const created = readContext(calls);
  const context = created instanceof Promise ? await created : created;
  const running = { calls, inputs: createInputReader(calls), context };
  try {
    return isBatch
      ? formatBatch(
          running,
          await Promise.all(
            procedures.map((path, index) => call(running, path, index)),
          ),
        )
      : formatSingle(running, await call(running, procedures[0] ?? "", 0));
  } catch (cause) {
    return formatFailure(running, cause);
  }
}

/** Not asynchronous unless the app's part of the context is. */
function readContext<HostRequest>({
  createContext,
}: PlainCalls<HostRequest>): Outcome | Promise<Outcome> {
  try {
    const context = createContext();
    return context instanceof Promise
      ? context.then((data) => ({ data }), toFailed)
      : { data: context };
  } catch (cause) {
    return toFailed(cause);
  }
}

function toFailed(cause: unknown): Outcome {
  return { error: getTRPCErrorFromUnknown(cause) };
}

async function call<HostRequest>(
  { calls, inputs, context }: Running<HostRequest>,
  path: string,
  batchIndex: number,
): Promise<Outcome> {
  const { host, request, signal } = calls;
  try {
    if ("error" in context) throw context.error;
    const data: unknown = await callTRPCProcedure({
      router: host.router,
      path,
      type: request.type,
      ctx: context.data,
      getRawInput: async () => inputs.read(batchIndex),
      signal,
      batchIndex,
    });
    return { data };
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    host.report({ error, path });
    return { error };
  }
}

function formatSingle<HostRequest>(
  running: Running<HostRequest>,
  outcome: Outcome,
): PlainResponse {
  if ("data" in outcome && isStream(outcome.data)) throw createStreamError();
  const response = formatOutcome(running, outcome, 0);
  const { config } = running.calls.host;
  return {
    status: getHTTPStatusCode(response),
    body: JSON.stringify(transformTRPCResponse(config, response)),
  };
}

function formatBatch<HostRequest>(
  running: Running<HostRequest>,
  outcomes: readonly Outcome[],
): PlainResponse {
  const responses = outcomes.map((outcome, index) =>
    formatOutcome(running, replaceStream(outcome), index),
  );
  const { config } = running.calls.host;
  return {
    status: getHTTPStatusCode(responses),
    body: JSON.stringify(transformTRPCResponse(config, responses)),
  };
}

function formatOutcome<HostRequest>(
  { calls: { host, request }, inputs, context }: Running<HostRequest>,
  outcome: Outcome,
  index: number,
): TRPCResponse {
  if ("data" in outcome) return { result: { data: outcome.data } };
  return {
    error: getTRPCErrorShape({
      config: host.config,
      error: outcome.error,
      type: request.type,
      path: request.procedures[index],
      input: inputs.result(index),
      ctx: "data" in context ? context.data : undefined,
    }),
  };
}

/** Formats a failure of the whole request: a stream as the result, or a result that cannot be written as JSON. */
function formatFailure<HostRequest>(
  { calls: { host, request }, context }: Running<HostRequest>,
  cause: unknown,
): PlainResponse {
  const error = getTRPCErrorFromUnknown(cause);
  host.report({ error, path: undefined });
  const config = host.config;
  const response = {
    error: getTRPCErrorShape({
      config,
      error,
      type: request.type,
      path: undefined,
      input: undefined,
      ctx: "data" in context ? context.data : undefined,
    }),
  };
  return {
    status: getHTTPStatusCode(response),
    body: JSON.stringify(transformTRPCResponse(config, response)),
  };
}

function replaceStream(outcome: Outcome): Outcome {
  return "data" in outcome && isStream(outcome.data)
    ? { error: createStreamError() }
    : outcome;
}

function createStreamError(): TRPCError {
  return new TRPCError({
    code: "UNSUPPORTED_MEDIA_TYPE",
    message:
      "Cannot use stream-like response in non-streaming request - use httpBatchStreamLink",
  });
}

/** Returns whether tRPC would stream the value: an async iterable, or an object of async iterables or promises. */
function isStream(value: unknown): boolean {
  return (
    isRecord(value) &&
    (Symbol.asyncIterator in value ||
      Object.values(value).some(
        (item) => isPromise(item) || isAsyncIterable(item),
      ))
  );
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAsyncIterable(value: unknown): boolean {
  return isRecord(value) && Symbol.asyncIterator in value;
}

function isPromise(value: unknown): boolean {
  return (
    (isRecord(value) || typeof value === "function") &&
    "then" in value &&
    typeof value.then === "function" &&
    "catch" in value &&
    typeof value.catch === "function"
  );
}
