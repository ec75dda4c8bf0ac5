import type {
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import { formatSignedIn } from "@entrada/auth";
import type { Auth } from "@entrada/auth";
import {
  clientAddressReaderOf,
  createCommonHeaders,
  createSessionCookieReader,
  requireSameOrigin,
  toFailure,
} from "@entrada/auth/http";
import { describeError } from "@entrada/auth/environment";
import { readHeaderOf } from "./incoming-header.js";
import { logRefusal } from "../log.js";
import type { Log } from "../log.js";

const healthPath = "/healthz";
/** Where a single, unbatched `auth.me` is asked. */
const mePath = "/trpc/auth.me";

/**
 * Responds to two requests in front of everything else, and passes every other one on: whether the process lives, and
 * `auth.me`, which every page asks first and most often. Through the tRPC host most of its cost is objects that nobody
 * looks at. The answers are the procedure's own, which a test compares; a batch, or an address with any query, goes to the
 * procedure itself.
 */
export function createFrontListener(
  {
    auth,
    log,
  }: {
    readonly auth: Auth;
    readonly log: Log;
  },
  listener: RequestListener,
): RequestListener {
  const readClientAddress = clientAddressReaderOf(auth);
  const answerMe = createMeAnswer(auth, log);
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
    // For its warning about an untrusted proxy: most requests are not limited, and nothing else reads their address.
    if (forwardedFor !== undefined)
      readClientAddress(incoming.socket.remoteAddress, forwardedFor);
    if (url === healthPath && (method === "GET" || method === "HEAD")) {
      send(outgoing, 200, healthHeaders, "ok");
    } else if (url === mePath && method === "GET") {
      void answerMe(incoming).then(([status, body]) =>
        send(outgoing, status, meHeaders, body),
      );
    } else {
      listener(incoming, outgoing);
    }
  };
}

function createMeAnswer(
  auth: Auth,
  log: Log,
): (incoming: IncomingMessage) => Promise<readonly [number, string]> {
  const readSessionCookie = createSessionCookieReader(auth);
  return async (incoming) => {
    try {
      requireSameOrigin((name) => readHeaderOf(incoming, name), auth.origin);
      const signedIn = await auth.readSession(
        readSessionCookie(incoming.headers.cookie),
      );
      const data = signedIn === undefined ? null : formatSignedIn(signedIn);
      return [200, JSON.stringify({ result: { data } })];
    } catch (error) {
      // Loaded where something failed, not at start: tRPC comes with it.
      const { createErrorShape } = await import("@entrada/auth/trpc");
      const failure = toFailure(error);
      logRefusal(log, failure, "auth.me");
      const shape = createErrorShape(failure, { path: "auth.me" });
      if (shape.data.httpStatus >= 500)
        log.warn(
          { path: "auth.me", error: describeError(error) },
          "request.failed",
        );
      return [shape.data.httpStatus, JSON.stringify({ error: shape })];
    }
  };
}

function send(
  outgoing: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  outgoing.writeHead(status, {
    ...headers,
    "content-length": Buffer.byteLength(body),
  });
  outgoing.end(body);
}
