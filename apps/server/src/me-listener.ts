import type {
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import { formatSignedIn } from "@entrada/auth";
import type { Auth } from "@entrada/auth";
import {
  createCommonHeaders,
  createSessionCookieReader,
  requireSameOrigin,
  toFailure,
} from "@entrada/auth/http";
import { createErrorShape } from "@entrada/auth/trpc";
import { describeError } from "./log.js";
import type { Log } from "./log.js";

/** Where a single, unbatched `auth.me` is asked. */
const path = "/trpc/auth.me";

/**
 * Answers `auth.me` in front of everything else, and hands every other request on. It is what every page asks first and
 * most often: through the tRPC host most of its cost is objects that nobody looks at. The answers are the procedure's own,
 * which a test compares; a batch, or an address with any query, goes to the procedure itself.
 */
export function createMeListener(
  { auth, log }: { readonly auth: Auth; readonly log: Log },
  listener: RequestListener,
): RequestListener {
  const readSessionCookie = createSessionCookieReader(auth.origin);
  const headers = {
    ...createCommonHeaders(auth.origin),
    "cache-control": "no-store",
    "content-type": "application/json",
    vary: "trpc-accept, accept",
  };

  const answer = async (
    incoming: IncomingMessage,
  ): Promise<readonly [number, string]> => {
    try {
      requireSameOrigin((name) => readHeader(incoming, name), auth.origin);
      const signedIn = await auth.readSession(
        readSessionCookie(incoming.headers.cookie),
      );
      const data = signedIn === undefined ? null : formatSignedIn(signedIn);
      return [200, JSON.stringify({ result: { data } })];
    } catch (error) {
      const shape = createErrorShape(toFailure(error), { path: "auth.me" });
      if (shape.data.httpStatus >= 500)
        log.warn(
          { path: "auth.me", error: describeError(error) },
          "request.failed",
        );
      return [shape.data.httpStatus, JSON.stringify({ error: shape })];
    }
  };

  return (incoming, outgoing) => {
    if (incoming.url !== path || incoming.method !== "GET")
      return listener(incoming, outgoing);
    void answer(incoming).then(([status, body]) =>
      send(outgoing, status, headers, body),
    );
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

function readHeader(
  { headers }: IncomingMessage,
  name: string,
): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : value?.join(", ");
}
