import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createAuth } from "@entrada/auth";
import {
  createAuthHandler,
  createRequestAuthFactory,
  createErrorResponse,
} from "@entrada/auth/http";
import { createMsalClient } from "@entrada/auth/msal";
import {
  createSqliteStores,
  migrateSqlite,
} from "@entrada/auth/drizzle/sqlite";
import { demoApp } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { createBrowser } from "../../../../../apps/server/test/support/browser.js";
import type { Browser } from "../../../../../apps/server/test/support/browser.js";
import { findFreePort } from "../../../../../apps/server/test/support/processes.js";
import { passProvider } from "../../../../../apps/server/test/support/provider/provider-pages.js";
import { openInWalMode } from "../../sqlite-test-database.js";

/** The response of `GET /token`. It does not contain the access token. */
export interface TokenReport {
  readonly status: number;
  /** The error code, if the request was refused. */
  readonly authCode: string | undefined;
  /** The SHA-256 digest of the token. */
  readonly digest: string | undefined;
  /** The object ID in the token. */
  readonly oid: string | undefined;
  readonly text: string;
}

/** A signed-in visitor of the app. */
export interface TokenVisitor {
  /** Requests a new access token from the app, or from another server of it at the origin. */
  refresh(origin?: string): Promise<TokenReport>;
  /** Returns the object ID of the signed-in user. */
  readSignedIn(origin?: string): Promise<string | undefined>;
}

/** A small app that acquires access tokens for its visitors. */
export interface TokenApp {
  /** The URL of the app, which all its servers share. */
  readonly appUrl: string;
  /** The origin of this server. */
  readonly origin: string;
  /** Signs the person in. */
  signIn(upn: string): Promise<TokenVisitor>;
  stop(): Promise<void>;
}

// The full scope, as in the provider's response: MSAL finds a cached token by it.
const scopes = ["https://graph.microsoft.com/User.Read"];
/** The secret of all servers of the app. */
const sharedSecret = Buffer.alloc(32, 9);

type Answer = (request: Request) => Promise<Response>;

/** Starts a server of the app on a free port and with this database, which several servers may share. */
export async function startTokenApp(
  emulator: Pick<EntraEmulator, "origin">,
  databasePath: string,
  sharedAppUrl?: string,
): Promise<TokenApp> {
  const port = await findFreePort();
  const origin = `http://localhost:${port}`;
  const appUrl = sharedAppUrl ?? origin;
  const database = openInWalMode(databasePath);
  migrateSqlite(database);
  const answer = createAnswer(emulator, appUrl, createSqliteStores(database));
  const server = createServer((incoming, outgoing) => {
    answer(toRequest(incoming, appUrl))
      .catch(createErrorResponse)
      .then((response) => send(response, outgoing))
      .catch(() => outgoing.destroy());
  }).listen(port, "localhost");
  await once(server, "listening");
  return {
    appUrl,
    origin,
    signIn: (upn) => signIn(appUrl, upn),
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
      database.close();
    },
  };
}

function createAnswer(
  { origin }: Pick<EntraEmulator, "origin">,
  appUrl: string,
  stores: ReturnType<typeof createSqliteStores>,
): Answer {
  const auth = createAuth({
    appUrl,
    sameSite: "lax",
    identityClient: createMsalClient({
      authority: origin,
      tenant: "organizations",
      clientId: demoApp.clientId,
      clientSecret: demoApp.clientSecret,
      redirectUri: `${appUrl}/auth/callback`,
    }),
    stores,
    secrets: [sharedSecret],
  });
  const handleAuth = createAuthHandler({ auth });
  const createRequestAuth = createRequestAuthFactory({ auth });
  return async (request) => {
    const handled = await handleAuth(request);
    if (handled !== undefined) return handled;
    const headers = new Headers();
    const requestAuth = createRequestAuth({
      readHeader: (name) => request.headers.get(name),
      responseHeaders: headers,
      clientAddress: "localhost",
    });
    const { pathname } = new URL(request.url);
    // The handler would ignore the scopes, because the request comes from no page of the app.
    if (pathname === "/start") {
      const { authorizationUrl } = await requestAuth.login({ scopes });
      headers.set("location", authorizationUrl);
      return new Response(null, { status: 303, headers });
    }
    if (pathname !== "/token") {
      const active = (await requestAuth.readSession()) ?? null;
      return Response.json(active, { headers });
    }
    const accessToken = await auth.acquireAccessToken(
      await requestAuth.requireSession(),
      { scopes, forceRefresh: true },
    );
    return Response.json(describeToken(accessToken), { headers });
  };
}

function describeToken(
  accessToken: string,
): Pick<TokenReport, "digest" | "oid"> {
  const [, payload = ""] = accessToken.split(".");
  const { oid }: { readonly oid: string } = JSON.parse(
    Buffer.from(payload, "base64url").toString(),
  );
  return {
    oid,
    digest: createHash("sha256").update(accessToken).digest("hex"),
  };
}

async function signIn(appUrl: string, upn: string): Promise<TokenVisitor> {
  const browser = createBrowser();
  const start = await browser.fetch(`${appUrl}/start`);
  const { location, page } = await passProvider(
    browser,
    start.headers.get("location") ?? "",
    upn,
  );
  if (location === undefined) throw new Error(page);
  const callback = await browser.fetch(location);
  if (callback.status !== 303) throw new Error(await callback.text());
  return createTokenVisitor(browser, appUrl);
}

function createTokenVisitor(browser: Browser, appUrl: string): TokenVisitor {
  return {
    refresh: async (server = appUrl) => {
      const response = await browser.fetch(`${server}/token`);
      const text = await response.text();
      const body: {
        readonly error?: { readonly authCode: string };
        readonly digest?: string;
        readonly oid?: string;
      } = JSON.parse(text);
      return {
        status: response.status,
        authCode: body.error?.authCode,
        digest: body.digest,
        oid: body.oid,
        text,
      };
    },
    readSignedIn: async (server = appUrl) => {
      const response = await browser.fetch(`${server}/`);
      const person: {
        readonly user: { readonly objectId: string };
      } | null = JSON.parse(await response.text());
      return person?.user.objectId;
    },
  };
}

function toRequest(incoming: IncomingMessage, appUrl: string): Request {
  const { method = "GET", url = "/", headers } = incoming;
  const present = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  return new Request(new URL(url, appUrl), {
    method,
    headers: Object.fromEntries(present),
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
