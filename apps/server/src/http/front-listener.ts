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
  toFailure,
} from "@entrada/auth/http";
import { describeError } from "@entrada/auth/environment";
import { readHeaderOf } from "./incoming-header.js";
import { logRefusal } from "../log.js";
import type { Log } from "../log.js";
import { isForPage } from "./web-page.js";
import type { WebPage } from "./web-page.js";

const healthPath = "/healthz";
/** The path of a single, unbatched `auth.me`. */
const mePath = "/trpc/auth.me";

/** What the front listener needs. */
export interface FrontParts {
  readonly auth: Auth;
  readonly log: Log;
  /** Creates the web app's page; in development there is none, and Vite serves it. */
  readonly createPage: (() => WebPage) | undefined;
}

/**
 * Responds to `GET /healthz`, to the web app's page and to `auth.me`, and passes every other request to the listener.
 * The first two need neither the database nor the modules that the listener loads. `auth.me` is by far the most frequent
 * request, and costs less here than through the tRPC host. Tests verify that the responses equal those of the listener.
 * A batch, a URL of `auth.me` with a query, or a request with `Authorization` goes to the procedure itself.
 */
export function createFrontListener(
  { auth, log, createPage }: FrontParts,
  listener: RequestListener,
): RequestListener {
  const readClientAddress = clientAddressReaderOf(auth);
  const respondToMe = createMeResponder(auth, log);
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

  const cutAppPath = createAppPathCutter(auth.appUrl);
  return (incoming, outgoing) => {
    const url = cutAppPath(incoming.url);
    incoming.url = url;
    const { method } = incoming;
    const forwardedFor = readHeaderOf(incoming, "x-forwarded-for");
    // Called for its warning about an untrusted proxy. Most requests are not rate limited, so nothing else reads their
    // address.
    if (forwardedFor !== undefined)
      readClientAddress(incoming.socket.remoteAddress, forwardedFor);
    if (url === healthPath && (method === "GET" || method === "HEAD")) {
      send(outgoing, 200, healthHeaders, "ok");
    } else if (
      url === mePath &&
      method === "GET" &&
      incoming.headers.authorization === undefined
    ) {
      void respondToMe(incoming).then(([status, body]) =>
        send(outgoing, status, meHeaders, body),
      );
    } else if (createPage !== undefined && isForPage(incoming)) {
      const { headers, html } = createPage();
      send(outgoing, 200, headers, html);
    } else {
      listener(incoming, outgoing);
    }
  };
}

/**
 * Returns a function that removes the path of APP_URL from the address of a request. A proxy may have removed it already,
 * and health checks never have it.
 */
function createAppPathCutter(
  appUrl: string,
): (url: string | undefined) => string | undefined {
  const { pathname } = new URL(appUrl);
  if (pathname === "/") return (url) => url;
  const end = /^(?=[/?]|$)/;
  return (url) => {
    const rest = url?.startsWith(pathname) && url.slice(pathname.length);
    if (typeof rest !== "string" || !end.test(rest)) return url;
    return rest.startsWith("/") ? rest : `/${rest}`;
  };
}

function createMeResponder(
  auth: Auth,
  log: Log,
): (incoming: IncomingMessage) => Promise<readonly [number, string]> {
  const readSessionCookie = createSessionCookieReader(auth);
  return async (incoming) => {
    try {
      requireSameOrigin((name) => readHeaderOf(incoming, name), auth.origin);
      const active = await auth.readSession(
        readSessionCookie(incoming.headers.cookie),
      );
      const data = active ?? null;
      return [200, JSON.stringify({ result: { data } })];
    } catch (error) {
      // Loaded only after a failure, because it imports tRPC.
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
