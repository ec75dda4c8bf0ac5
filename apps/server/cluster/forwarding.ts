import { request as sendRequest } from "node:http";
import type {
  Agent,
  ClientRequest,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from "node:http";

/**
 * What became of a request at one server: it was answered; or nothing of it was sent, because nobody listens there; or the
 * server went away before it answered, and may have done what it was asked.
 */
export type Outcome = "answered" | "unsent" | "broken";

/** Where a request goes. */
export interface Destination {
  readonly name: string;
  /** As in `http://localhost:40123`. */
  readonly origin: string;
}

const answerMilliseconds = 30_000;

// These are about one connection and not about the request (RFC 9110 §7.6.1). `expect` has been answered already.
const hopByHop = [
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Tells whether the request brings a body, which can be read only once. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return (
    headers["transfer-encoding"] !== undefined ||
    Number(headers["content-length"] ?? 0) > 0
  );
}

/** Sends the request to the server and its answer to the client. Nothing is sent to the client unless it was answered. */
export function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { name, origin }: Destination,
  agent: Agent,
): Promise<Outcome> {
  const request = sendRequest(`${origin}${incoming.url}`, {
    agent,
    method: incoming.method ?? "GET",
    headers: createHeaders(incoming),
    timeout: answerMilliseconds,
  });
  const abandon = () => request.destroy();
  outgoing.once("close", abandon);

  return new Promise<Outcome>((resolve) => {
    let isConnected = false;
    const send = () => {
      isConnected = true;
      if (hasBody(incoming)) incoming.pipe(request);
    };
    request.once("socket", (socket) =>
      socket.connecting ? socket.once("connect", send) : send(),
    );
    request.once("timeout", abandon);
    request.once("error", () => resolve(isConnected ? "broken" : "unsent"));
    request.once("response", (response) => {
      answer(outgoing, response, name);
      resolve("answered");
    });
    endWithoutBody(incoming, request);
  }).finally(() => outgoing.off("close", abandon));
}

function createHeaders(incoming: IncomingMessage): OutgoingHttpHeaders {
  return {
    ...withoutHopByHop(incoming.headers),
    // In place of what the client may have written: it is the first proxy that this request has met.
    "x-forwarded-for": incoming.socket.remoteAddress,
    "x-forwarded-proto": "http",
    "x-forwarded-host": incoming.headers.host,
  };
}

function withoutHopByHop(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const listed = String(headers["connection"] ?? "").split(",");
  const dropped = new Set([
    ...hopByHop,
    ...listed.map((name) => name.trim().toLowerCase()),
  ]);
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !dropped.has(name)),
  );
}

function endWithoutBody(incoming: IncomingMessage, request: ClientRequest) {
  if (!hasBody(incoming)) request.end();
}

function answer(
  outgoing: ServerResponse,
  response: IncomingMessage,
  name: string,
): void {
  outgoing.writeHead(response.statusCode ?? 502, {
    ...withoutHopByHop(response.headers),
    "x-served-by": name,
  });
  response.pipe(outgoing);
  // What has begun cannot be taken back: that it is incomplete is told by breaking off.
  response.once("error", () => outgoing.destroy());
  outgoing.once("close", () => response.destroy());
}
