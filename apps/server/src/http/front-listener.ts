import type {
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import type { Auth } from "@entrada/auth";
import {
  clientAddressReaderOf,
  createCommonHeaders,
  createSessionCookieReader,
  requireSameOrigin,
} from "@entrada/auth/http";
import { readHeaderOf } from "./incoming-header.js";

const healthPath = "/healthz";
/** The path of a single, unbatched `auth.me`. */
const mePath = "/trpc/auth.me";

/**
 * Responds to `GET /healthz` and to `auth.me`, and passes every other request to the listener. `auth.me` is by far the
 * most frequent request, and costs less here than through the tRPC host. A test verifies that the
 * responses equal those of the procedure. A batch, a URL with a query, a request with `Authorization`, and a request
 * that fails go to the procedure itself.
 */
export function createFrontListener(
  auth: Auth,
  listener: RequestListener,
): RequestListener {
  const readClientAddress = clientAddressReaderOf(auth);
  const respondToMe = createMeResponder(auth);
  const meHeaders = {
    ...createCommonHeaders(auth),
    "cache-control": "no-store",
    "content-type": "application/json",
    vary: "trpc-accept, accept",
  };
  const healthHeaders = {
    ...createCommonHeaders(auth),
    "cache-control": "no-store",
    "content-type": "text/plain; charset=utf-8",
  };

  return (incoming, outgoing) => {
    const { method, url } = incoming;
    const forwardedFor = readHeaderOf(incoming, "x-forwarded-for");
    // Called for its warning about an untrusted proxy. Most requests are not rate limited, so nothing else reads their
    // address.
    if (forwardedFor !== undefined)
      readClientAddress(incoming.socket.remoteAddress, forwardedFor);
    if (url === healthPath && (method === "GET" || method === "HEAD")) {
      send(outgoing, healthHeaders, "ok");
    } else if (
      url === mePath &&
      method === "GET" &&
      incoming.headers.authorization === undefined
    ) {
      respondToMe(incoming).then(
        (body) => send(outgoing, meHeaders, body),
        // The procedure fails as well, and its failure is formatted and logged.
        () => listener(incoming, outgoing),
      );
    } else {
      listener(incoming, outgoing);
    }
  };
}

function createMeResponder(
  auth: Auth,
): (incoming: IncomingMessage) => Promise<string> {
  const readSessionCookie = createSessionCookieReader(auth);
  return async (incoming) => {
    requireSameOrigin((name) => readHeaderOf(incoming, name), auth.origin);
    const active = await auth.readSession(
      readSessionCookie(incoming.headers.cookie),
    );
    return JSON.stringify({ result: { data: active ?? null } });
  };
}

function send(
  outgoing: ServerResponse,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  outgoing.writeHead(200, {
    ...headers,
    "content-length": Buffer.byteLength(body),
  });
  outgoing.end(body);
}
