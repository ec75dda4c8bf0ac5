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
import { isForPage } from "./web-page.js";
import type { WebPage } from "./web-page.js";

const healthPath = "/healthz";
/** The path of a single, unbatched `auth.me`. */
const mePath = "/trpc/auth.me";

/** What the front listener needs. */
export interface FrontParts {
  readonly auth: Auth;
  /** Creates the web app's page; in development there is none, and Vite serves it. */
  readonly createPage: (() => WebPage) | undefined;
}

/**
 * Responds to `GET /healthz`, to the web app's page and to `auth.me`, and passes every other request to the listener.
 * The first two need neither the database nor the modules that the listener loads. `auth.me` is by far the most frequent
 * request, and costs less here than through the tRPC host. Tests verify that the responses equal those of the listener.
 * A batch, a URL of `auth.me` with a query, a request with `Authorization`, and a request that fails go to the procedure
 * itself.
 */
export function createFrontListener(
  { auth, createPage }: FrontParts,
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
    } else if (createPage !== undefined && isForPage(incoming)) {
      const { headers, html } = createPage();
      send(outgoing, headers, html);
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
