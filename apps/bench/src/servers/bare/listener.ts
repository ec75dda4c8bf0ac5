import { createHash, randomBytes } from "node:crypto";
import type {
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import { readBody, readCookie, sendJson } from "../http.js";
import { page } from "./page.js";
import { createAuthorizationUrl, exchangeCode } from "./provider.js";
import type { Store } from "./store.js";

const cookieAttributes = "HttpOnly; SameSite=Strict; Path=/";
const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-length": page.length,
};

/**
 * Creates the listener of the server that does the least a sign-in needs: two POSTs for the sign-in, a GET that reads
 * the session by its cookie, and a page from memory.
 */
export function createBareListener(store: Store): RequestListener {
  return (request, response) => {
    const { method, url } = request;
    if (url === "/me") me(store, request, response);
    else if (url === "/") response.writeHead(200, pageHeaders).end(page);
    else if (url === "/healthz") response.end("ok");
    else if (method === "POST" && url === "/start") start(store, response);
    else if (method === "POST" && url === "/callback")
      callback(store, request, response).catch((error: unknown) =>
        sendJson(response, 400, { error: String(error) }),
      );
    else sendJson(response, 404, { error: "not_found" });
  };
}

function start(store: Store, response: ServerResponse): void {
  const flow = {
    state: createSecret(),
    nonce: createSecret(),
    codeVerifier: createSecret(),
  };
  store.addFlow(flow);
  const challenge = createHash("sha256")
    .update(flow.codeVerifier)
    .digest("base64url");
  sendJson(
    response,
    200,
    { authorizationUrl: createAuthorizationUrl(flow, challenge) },
    { "set-cookie": `flow=${flow.state}; ${cookieAttributes}` },
  );
}

async function callback(
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { state, code } = JSON.parse(await readBody(request));
  const flow =
    state === readCookie(request, "flow") ? store.takeFlow(state) : undefined;
  if (flow === undefined) throw new Error("There is no such flow.");
  const user = await exchangeCode(flow, code);
  const sessionId = createSecret();
  store.startSession(user, sessionId);
  sendJson(
    response,
    200,
    { user },
    {
      "set-cookie": [
        `session=${sessionId}; ${cookieAttributes}`,
        `flow=; Max-Age=0; ${cookieAttributes}`,
      ],
    },
  );
}

function me(
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const user = store.findSession(readCookie(request, "session"));
  sendJson(response, user === undefined ? 401 : 200, user ?? null);
}

function createSecret(): string {
  return randomBytes(32).toString("base64url");
}
