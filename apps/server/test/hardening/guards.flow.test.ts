import { appRouter } from "@entrada/api";
import { AuthError } from "@entrada/auth";
import { createRequestAuthFactory } from "@entrada/auth/http";
import { builtInPeople } from "@entrada/entra-emulator";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countRows } from "../support/database-file.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { ProcedureName, Visitor } from "../support/visitor.js";

const { ada, ben } = builtInPeople;

/** The procedures that need no session. */
const open: readonly string[] = [
  "auth.login",
  "auth.callback",
  "auth.me",
  "auth.logout",
];
const { _def: routerDefinition } = appRouter;
const procedures = Object.keys(routerDefinition.procedures);
/** The mutations. A new one that is missing here fails below, where it is called as a query. */
const mutations: readonly string[] = [
  "auth.login",
  "auth.callback",
  "auth.logout",
  "auth.logoutEverywhere",
  "auth.sessions.revoke",
  "admin.users.disable",
  "admin.users.enable",
  "admin.users.delete",
];
const guarded = procedures.filter((name) => !open.includes(name));
const administrators = procedures.filter(
  (name) => name.startsWith("admin.") || name === "workspace.adminNotice",
);

/** Headers with which other servers were made to trust an identity or to skip their guards. */
const bypasses: readonly Readonly<Record<string, string>>[] = [
  { "x-middleware-subrequest": "middleware" },
  {
    "x-middleware-subrequest":
      "src/middleware:src/middleware:src/middleware:src/middleware:src/middleware",
  },
  { "x-middleware-rewrite": "/", "x-middleware-next": "1" },
  { "x-original-url": "/healthz", "x-rewrite-url": "/healthz" },
  { "x-http-method-override": "GET", "x-method-override": "GET" },
  { "x-forwarded-user": ada.upn, "x-remote-user": ada.upn },
  { "x-ms-client-principal-id": ada.home.objectId },
  { "x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1" },
  { authorization: "Basic YWRhOmFkYQ==" },
];
/** A request with a bearer token has no cookie, whatever the token is. */
const bearer = { authorization: "Bearer eyJhbGciOiJub25lIn0.e30." };

let site: Site;
let adas: Visitor;
let bens: Visitor;

beforeAll(async () => {
  site = await startSite();
  [adas, bens] = [site.createVisitor(), site.createVisitor()];
  await adas.signIn(ada.upn);
  await bens.signIn(ben.upn);
});

afterAll(async () => {
  await site?.stop();
});

function isMutation(name: string): boolean {
  return mutations.includes(name);
}

/** Calls a procedure with these headers and returns its status and code. */
async function ask(
  name: string,
  headers: Readonly<Record<string, string>>,
  cookie = "",
): Promise<readonly [number, string | undefined]> {
  const response = await fetch(`${site.origin}/trpc/${name}`, {
    headers: { "content-type": "application/json", cookie, ...headers },
    ...(isMutation(name) ? { method: "POST", body: "{}" } : {}),
  });
  const body: {
    readonly error?: { readonly data: { readonly authCode: string } };
  } = JSON.parse(await response.text());
  return [response.status, body.error?.data.authCode];
}

function cookieOf(visitor: Visitor): string {
  return `${visitor.names.session}=${visitor.session() ?? ""}`;
}

describe("every procedure", () => {
  it("is listed in this test as open or guarded", () => {
    expect(procedures).toEqual(expect.arrayContaining([...open]));
    expect(guarded.length).toBeGreaterThan(7);
    expect(administrators.length).toBeGreaterThan(4);
  });

  it("[R9][V5] that is guarded responds with 401 to a signed-out visitor, whatever the headers claim", async () => {
    for (const name of guarded)
      for (const bypass of [{}, ...bypasses, bearer])
        expect(
          await ask(name, { "x-csrf": "1", ...bypass }),
          `${name} ${JSON.stringify(bypass)}`,
        ).toEqual([401, "not_signed_in"]);
  });

  it("[R9] for administrators responds with 403 to a user without the role, whatever the headers claim", async () => {
    for (const name of administrators)
      for (const bypass of [{}, ...bypasses])
        expect(
          await ask(name, { "x-csrf": "1", ...bypass }, cookieOf(bens)),
          `${name} ${JSON.stringify(bypass)}`,
        ).toEqual([403, "role_required"]);
  });

  it("[R9] does not read the session of a request with a bearer token, and auth refuses it", async () => {
    for (const name of guarded)
      expect(await ask(name, bearer, cookieOf(adas)), name).toEqual([
        401,
        "not_signed_in",
      ]);
    for (const name of open)
      expect(await ask(name, bearer, cookieOf(adas)), name).toEqual([
        400,
        "invalid_request",
      ]);
  });

  it("[R9][V5] has its own guards: it refuses the same requests when mounted without the server's checks (CVE-2025-29927)", async () => {
    const createRequestAuth = createRequestAuthFactory({
      auth: createSignedOutAuth(),
    });
    const askMounted = async (name: string, headers: HeadersInit) => {
      const request = new Request(`https://app.test/trpc/${name}`, {
        headers: { "content-type": "application/json", ...headers },
        ...(isMutation(name) ? { method: "POST", body: "{}" } : {}),
      });
      const response = await fetchRequestHandler({
        endpoint: "/trpc",
        req: request,
        router: appRouter,
        createContext: ({ resHeaders }) => ({
          auth: createRequestAuth({
            readHeader: (header) => request.headers.get(header),
            responseHeaders: resHeaders,
            clientAddress: "198.51.100.1",
          }),
        }),
      });
      return JSON.parse(await response.text()).error?.data.authCode;
    };

    for (const name of procedures)
      expect(await askMounted(name, {}), name).toBe("cross_site_request");
    for (const name of guarded)
      expect(await askMounted(name, { "x-csrf": "1" }), name).toBe(
        "not_signed_in",
      );
  });
});

function fail(): never {
  throw new AuthError("internal_error", "A guard let the request through.");
}

/** An `Auth` without sessions, whose other functions fail. */
function createSignedOutAuth(): Parameters<
  typeof createRequestAuthFactory
>[0]["auth"] {
  return {
    origin: "https://app.test",
    appUrl: "https://app.test",
    redirectUri: "https://app.test/auth/callback",
    sameSite: "strict",
    hstsIncludeSubDomains: true,
    clearsStorage: false,
    authority: "https://login.test",
    flowTimeoutSeconds: 600,
    sessionTimeouts: { idleTimeoutSeconds: 60, absoluteTimeoutSeconds: 60 },
    initiateFlow: fail,
    completeFlow: fail,
    readSession: () => Promise.resolve(undefined),
    listSessions: fail,
    revokeSession: fail,
    requireFreshSignIn: fail,
    endSession: fail,
    endAllSessions: fail,
    endProviderSession: fail,
    endByLogoutToken: fail,
    acquireAccessToken: fail,
    administration: {
      listUsers: fail,
      disableUser: fail,
      enableUser: fail,
      deleteUser: fail,
      exportUser: fail,
      listAuditEntries: fail,
    },
    users: { delete: fail, export: fail },
    deleteExpired: fail,
    releaseHousekeeping: fail,
  };
}

describe("identity", () => {
  it("[R10][V6] comes from the session, never from input (CVE-2025-61928)", async () => {
    const [adaId, benId] = await Promise.all(
      [adas, bens].map(
        async (visitor) => (await visitor.query("auth.me")).data?.user.id ?? "",
      ),
    );
    const claims = {
      userId: adaId,
      user: { id: adaId, roles: ["Admin"] },
      sessionId: adas.session()?.split(".")[0],
      session: adas.session(),
      tenantId: ada.home.tenantId,
      objectId: ada.home.objectId,
      roles: ["Admin"],
      ctx: { user: { id: adaId } },
    };
    const input = encodeURIComponent(JSON.stringify(claims));
    const queries = [
      "auth.me",
      "auth.sessions.list",
      "workspace.greeting",
      "workspace.adminNotice",
      "admin.users.list",
      "admin.events.list",
    ];

    for (const name of queries) {
      const [plain, withInput, fromSignedOut] = await Promise.all([
        askText(name, cookieOf(bens)),
        askText(`${name}?input=${input}`, cookieOf(bens)),
        askText(`${name}?input=${input}`, ""),
      ]);
      expect(withInput, name).toBe(plain);
      expect(fromSignedOut, name).not.toContain(adaId);
    }
    const started = await bens.mutate("auth.login", claims);
    expect(started.data.authorizationUrl).not.toContain(adaId);
    const me = (await bens.query("auth.me")).data;
    expect(me?.user.id).toBe(benId);
  });

  it("[R11] does not come from prototype keys in input", async () => {
    const keys = ["__proto__", "constructor", "prototype"];
    const names: readonly ProcedureName[] = [
      "auth.login",
      "auth.callback",
      "auth.sessions.revoke",
      "admin.users.disable",
    ];
    const rows = countRows(site.server.databasePath);

    for (const key of keys)
      for (const name of names) {
        const body = `{"${key}":{"userId":"x","sessionId":"x","roles":["Admin"],"isAdmin":true,"user":{"id":"x"}}}`;
        const response = await site.createVisitor().mutate(name, undefined, {
          method: "POST",
          headers: { "x-csrf": "1", "content-type": "application/json" },
          body,
        });
        expect(response.status, `${name} ${key}`).toBeLessThan(500);
      }

    expect((await bens.query("workspace.adminNotice")).status).toBe(403);
    expect((await site.createVisitor().query("auth.me")).data).toBeNull();
    expect(countRows(site.server.databasePath)).toMatchObject({
      user: rows.user,
      session: rows.session,
    });
  });

  it("[R10] is not taken from the input of a signed-out visitor who signs out or disables a user", async () => {
    const { user, session } = (await adas.query("auth.me")).data ?? {};
    const signedOut = site.createVisitor();

    const responses = [
      await signedOut.mutate("auth.logout", { sessionId: session?.id }),
      await signedOut.mutate("auth.logoutEverywhere", { userId: user?.id }),
      await signedOut.mutate("auth.sessions.revoke", {
        sessionId: session?.id,
      }),
      await signedOut.mutate("admin.users.disable", { userId: user?.id }),
    ];

    expect(responses.map(({ status }) => status)).toEqual([200, 401, 401, 401]);
    expect((await adas.query("auth.me")).data?.session.id).toBe(session?.id);
  });
});

async function askText(path: string, cookie: string): Promise<string> {
  const response = await fetch(`${site.origin}/trpc/${path}`, {
    headers: { "x-csrf": "1", cookie },
  });
  return response.text();
}

describe("a mutation", () => {
  it("[O2] is never executed by GET or HEAD, alone or in a batch, with or without input", async () => {
    const { session } = countRows(site.server.databasePath);
    const cookie = cookieOf(adas);
    const id = adas.session()?.split(".")[0] ?? "";
    const input = encodeURIComponent(
      JSON.stringify({ sessionId: id, userId: id }),
    );
    const batch = encodeURIComponent(JSON.stringify({ 0: { sessionId: id } }));

    for (const name of procedures.filter(isMutation))
      for (const method of ["GET", "HEAD"])
        for (const query of [
          "",
          `?input=${input}`,
          `?batch=1&input=${batch}`,
        ]) {
          const response = await fetch(`${site.origin}/trpc/${name}${query}`, {
            method,
            headers: { "x-csrf": "1", cookie },
          });
          expect(response.status, `${method} ${name}${query}`).toBe(
            method === "GET" ? 405 : response.status,
          );
          expect(response.headers.getSetCookie(), name).toEqual([]);
        }

    expect((await adas.query("auth.me")).data).not.toBeNull();
    expect(countRows(site.server.databasePath).session).toBe(session);
  });
});
