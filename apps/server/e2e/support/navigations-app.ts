import { once } from "node:events";
import { createServer } from "node:http";
import type {
  IncomingMessage,
  RequestListener,
  Server,
  ServerResponse,
} from "node:http";
import { text } from "node:stream/consumers";
import { createAuth } from "@entrada/auth";
import type { Auth, Stores } from "@entrada/auth";
import {
  createAuthHandler,
  createRequestAuthFactory,
  createPageHeaders,
} from "@entrada/auth/http";
import { createMsalClient } from "@entrada/auth/msal";
import { createMemoryStores } from "@entrada/auth/testing";
import { demoApp } from "@entrada/entra-emulator";

/** A small server-rendered app on `localhost`, whose pages have the package's security headers. */
export interface NavigationsApp {
  readonly origin: string;
  readonly stores: Stores;
  readonly close: () => Promise<void>;
}

export async function startNavigationsApp(
  authority: string,
): Promise<NavigationsApp> {
  const server = createServer();
  const origin = `http://localhost:${await listen(server, "localhost")}`;
  const stores = createMemoryStores();
  const auth = createAuth({
    appUrl: origin,
    sameSite: "lax",
    identityClient: createMsalClient({
      authority,
      tenant: "organizations",
      clientId: demoApp.clientId,
      clientSecret: demoApp.clientSecret,
      redirectUri: `${origin}/auth/callback`,
    }),
    stores,
    secrets: [Buffer.alloc(32, 5)],
  });
  server.on("request", createListener(auth));
  return { origin, stores, close: () => close(server) };
}

/** Starts a site on `127.0.0.1` that serves this page at every path, such as web mail or an attacker's page. */
export async function startOtherSite(page: string): Promise<{
  readonly origin: string;
  readonly close: () => Promise<void>;
}> {
  const server = createServer((_, outgoing) => {
    outgoing.setHeader("content-type", "text/html");
    outgoing.end(`<link rel="icon" href="data:,">${page}`);
  });
  const port = await listen(server, "127.0.0.1");
  return { origin: `http://127.0.0.1:${port}`, close: () => close(server) };
}

async function listen(server: Server, host: string): Promise<number> {
  server.listen(0, host);
  await once(server, "listening");
  const address = server.address();
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("The server has no port.");
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

function createListener(auth: Auth): RequestListener {
  const handleAuth = createAuthHandler({ auth });
  const createRequestAuth = createRequestAuthFactory({ auth });
  const respond = async (request: Request): Promise<Response> => {
    const handled = await handleAuth(request);
    if (handled !== undefined) return handled;
    const headers = new Headers(createPageHeaders({ settings: auth }));
    const signedIn = await createRequestAuth({
      readHeader: (name) => request.headers.get(name),
      responseHeaders: headers,
      clientAddress: "localhost",
    }).readSession();
    headers.set("content-type", "text/html; charset=utf-8");
    const { pathname } = new URL(request.url);
    return new Response(createAppPage(pathname, signedIn?.user.name), {
      headers,
    });
  };
  return (incoming, outgoing) => {
    toRequest(incoming, auth.appUrl)
      .then(respond)
      .then((response) => send(response, outgoing))
      .catch(() => outgoing.destroy());
  };
}

function createAppPage(path: string, name: string | undefined): string {
  const returnUrl = `<input type="hidden" name="returnUrl" value="${encodeURI(path)}">`;
  return (
    `<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,">` +
    `<h1>${name === undefined ? "Not signed in" : `Hello ${name}`}</h1>` +
    (name === undefined
      ? createForm("login", "Sign in", returnUrl)
      : createForm("logout", "Sign out"))
  );
}

function createForm(action: string, words: string, fields = ""): string {
  return `<form method="post" action="/auth/${action}">${fields}<button>${words}</button></form>`;
}

async function toRequest(
  incoming: IncomingMessage,
  appUrl: string,
): Promise<Request> {
  const { method = "GET", url = "/", headers } = incoming;
  const present = Object.entries(headers).flatMap(
    ([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
  );
  return new Request(new URL(url, appUrl), {
    method,
    headers: present,
    ...(method === "POST" ? { body: await text(incoming) } : {}),
  });
}

async function send(
  response: Response,
  outgoing: ServerResponse,
): Promise<void> {
  outgoing.statusCode = response.status;
  outgoing.setHeaders(response.headers);
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
