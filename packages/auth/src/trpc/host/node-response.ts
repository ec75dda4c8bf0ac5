import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { toFailure } from "../../core/error.js";
import { createErrorShape } from "../error-formatter.js";
import type { Refusal } from "./refusal.js";
import type { StockResponse } from "./stock-response.js";
import type { TrpcHost } from "./trpc-host.js";

/** How long an unread body is discarded, so that the client can read the refusal before the connection is closed. */
const drainMilliseconds = 500;

/** Sends a response whose body is text. */
export function send(
  outgoing: ServerResponse,
  status: number,
  headers: string[],
  body: string,
): void {
  headers.push("content-length", String(Buffer.byteLength(body)));
  outgoing.writeHead(status, headers);
  outgoing.end(body);
}

/** Sends a refusal, and closes the connection if the rest of the body does not arrive soon. */
export function sendRefusal<HostRequest>(
  { headers }: TrpcHost<HostRequest>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, body }: Refusal,
): void {
  if (outgoing.headersSent) return void outgoing.destroy();
  if (outgoing.destroyed) return;
  send(outgoing, status, [...headers].flat(), body);
  if (incoming.complete) return;
  const timer = setTimeout(
    () => incoming.socket.destroySoon(),
    drainMilliseconds,
  );
  timer.unref();
  incoming.once("close", () => clearTimeout(timer));
  incoming.once("end", () => clearTimeout(timer));
  incoming.resume();
}

/** Responds to a request that failed outside the procedures, and warns of it. */
export function sendFailure(outgoing: ServerResponse, error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
  if (outgoing.headersSent) return void outgoing.destroy();
  const shape = createErrorShape(toFailure(error));
  const headers = [
    "cache-control",
    "no-store",
    "content-type",
    "application/json",
  ];
  send(
    outgoing,
    shape.data.httpStatus,
    headers,
    JSON.stringify({ error: shape }),
  );
}

/** Sends tRPC's response. A response that is not a stream has a `Content-Length`. */
export async function sendStockResponse(
  outgoing: ServerResponse,
  { response, headers }: StockResponse,
): Promise<void> {
  if (outgoing.destroyed) return;
  const isStream =
    response.headers.has("transfer-encoding") ||
    response.headers.get("content-type") === "text/event-stream";
  if (!isStream && response.body !== null)
    return send(
      outgoing,
      response.status,
      headers.toList(),
      await response.text(),
    );
  outgoing.writeHead(response.status, headers.toList());
  if (response.body === null) return void outgoing.end();
  outgoing.flushHeaders();
  // The client may disconnect at any time.
  await pipeline(readChunks(response.body), outgoing).catch(() => undefined);
}

async function* readChunks(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
