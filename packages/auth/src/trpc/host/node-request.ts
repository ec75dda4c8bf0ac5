import type { IncomingMessage, ServerResponse } from "node:http";
import type { BodyFailure } from "./refusal.js";
import type { TrpcHost } from "./trpc-host.js";

const hostPattern = /^[a-z0-9._-]+(?::\d{1,5})?$/i;

/** Returns the headers, without those of HTTP/2 that are no fields. */
export function toHeaders({ headers }: IncomingMessage): Headers {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":")) continue;
    for (const item of [value ?? []].flat()) all.append(name, item);
  }
  return all;
}

/**
 * Returns a signal that is aborted when the client disconnects or the response has ended. A subscription that ends with
 * its session may still wait for its next value, and its resolver learns the end from the signal.
 */
export function createEndSignal(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController();
  outgoing.once("close", () => controller.abort());
  return controller.signal;
}

/** Returns whether the header `Host` is a host. Nothing depends on it, but a request without a valid one is refused. */
export function hasValidHost({ headers: { host } }: IncomingMessage): boolean {
  if (host === undefined || hostPattern.test(host)) return true;
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return hostname === host.replace(/:\d*$/, "").toLowerCase();
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return (
    headers["transfer-encoding"] !== undefined ||
    Number(headers["content-length"] ?? 0) > 0
  );
}

/** Reads the body within the limits, or the body that a parser in front of this host has read. */
export async function readBody<HostRequest>(
  { limits }: TrpcHost<HostRequest>,
  incoming: IncomingMessage,
): Promise<Buffer<ArrayBuffer> | BodyFailure> {
  if ("body" in incoming && incoming.body !== undefined)
    return Buffer.from(toText(incoming.body));
  if (!hasBody(incoming) || incoming.readableEnded) return Buffer.alloc(0);
  if (Number(incoming.headers["content-length"] ?? 0) > limits.maxBodyBytes)
    return "too_long";
  return readBounded(incoming, limits);
}

function toText(parsed: unknown): string | Buffer {
  return typeof parsed === "string" || Buffer.isBuffer(parsed)
    ? parsed
    : JSON.stringify(parsed);
}

function readBounded(
  incoming: IncomingMessage,
  { maxBodyBytes, bodyTimeoutMilliseconds }: TrpcHost<unknown>["limits"],
): Promise<Buffer<ArrayBuffer> | BodyFailure> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (result: Buffer<ArrayBuffer> | BodyFailure) => {
      clearTimeout(timer);
      incoming.off("data", onData).off("end", onEnd).off("close", onClose);
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.byteLength;
      if (length > maxBodyBytes) finish("too_long");
      else chunks.push(chunk);
    };
    const onEnd = () => finish(Buffer.concat(chunks, length));
    const onClose = () => finish("closed");
    const timer = setTimeout(() => finish("late"), bodyTimeoutMilliseconds);
    incoming.on("data", onData).on("end", onEnd).on("close", onClose);
  });
}
