import type { AnyTRPCRouter } from "@trpc/server";
import type { TrpcHandlerOptions } from "./host-options.js";
import { findRefusal, refuseBody } from "./refusal.js";
import type { BodyFailure, Refusal } from "./refusal.js";
import { respondByTrpc } from "./stock-response.js";
import { createLateHost } from "./trpc-host.js";
import type { TrpcHost } from "./trpc-host.js";

/** Responds to a request to the API, and with 404 to any other. */
export type TrpcHandler = (
  request: Request,
  peer?: {
    /** The address that rate limits count by. If it is unknown, sign-ins are not limited. */
    readonly clientAddress?: string | undefined;
  },
) => Promise<Response>;

/**
 * Creates the handler of a tRPC router for hosts that use `Request` and `Response`. It refuses requests from other
 * sites, limits body and batch, and sets the headers and cookies of every response.
 *
 * @example
 * const handle = createTrpcHandler({ auth, router });
 * const response = await handle(request, { clientAddress });
 */
export function createTrpcHandler<Router extends AnyTRPCRouter>(
  options: TrpcHandlerOptions<Router, Request>,
): TrpcHandler {
  const readHost = createLateHost<Request>(options);
  return async (request, peer) => {
    const host = readHost();
    const { pathname } = new URL(request.url);
    const path = host.endpoint.cut(pathname);
    if (path === undefined) return createNotFound(host);
    const head = {
      method: request.method,
      path,
      readHeader: (name: string) => request.headers.get(name),
    };
    const refusal = findRefusal(host, head);
    if (refusal !== undefined) return createRefusalResponse(host, refusal);
    const body = await readBody(host, request);
    if (typeof body === "string")
      return createRefusalResponse(host, refuseBody(body));
    const { url, method, headers } = request;
    const ended = new AbortController();
    const signal = AbortSignal.any([request.signal, ended.signal]);
    const { response, headers: sent } = await respondByTrpc(
      host,
      { url, method, signal, body, headers: new Headers(headers) },
      { ...head, req: request, url, readAddress: () => peer?.clientAddress },
    );
    return new Response(
      withEnd(response, () => ended.abort()),
      {
        status: response.status,
        headers: sent.toHeaders(),
      },
    );
  };
}

/**
 * Returns the body, whose end calls `onEnd` if it is a stream of events. A subscription that ends with its session may
 * still wait for its next value, and its resolver learns the end from the signal.
 */
function withEnd(
  { body, headers }: Response,
  onEnd: () => void,
): ReadableStream<Uint8Array> | null {
  const isStream = headers.get("content-type") === "text/event-stream";
  return isStream && body !== null
    ? body.pipeThrough(new TransformStream({ flush: onEnd }))
    : body;
}

function createNotFound<HostRequest>({
  headers,
}: TrpcHost<HostRequest>): Response {
  return new Response("Not found.", {
    status: 404,
    headers: [
      ...new Map(headers).set("content-type", "text/plain; charset=utf-8"),
    ],
  });
}

function createRefusalResponse<HostRequest>(
  { headers }: TrpcHost<HostRequest>,
  { status, body }: Refusal,
): Response {
  return new Response(body, { status, headers: [...headers] });
}

/** Reads the body within the limits, whatever `Content-Length` says; `undefined` if there is none. */
async function readBody<HostRequest>(
  { limits }: TrpcHost<HostRequest>,
  { body, headers }: Request,
): Promise<Uint8Array<ArrayBuffer> | BodyFailure | undefined> {
  if (body === null) return undefined;
  if (Number(headers.get("content-length") ?? 0) > limits.maxBodyBytes)
    return "too_long";
  const reader = body.getReader();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // Rejects the pending read.
    reader.releaseLock();
  }, limits.bodyTimeoutMilliseconds);
  try {
    return await readBounded(reader, limits.maxBodyBytes);
  } catch {
    return isLate ? "late" : "closed";
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
}

async function readBounded(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maximum: number,
): Promise<Uint8Array<ArrayBuffer> | "too_long"> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concat(chunks, length);
    length += value.byteLength;
    if (length > maximum) return "too_long";
    chunks.push(value);
  }
}

function concat(
  chunks: readonly Uint8Array[],
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
