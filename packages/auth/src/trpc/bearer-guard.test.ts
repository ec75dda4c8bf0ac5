import { initTRPC } from "@trpc/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../../test/support/node-exchange.js";
import type {
  RawResponse,
  TestServer,
} from "../../test/support/node-exchange.js";
import { createTestAuth } from "../testing/test-auth.js";
import { signIn } from "../testing/sign-in.js";
import { testPeople } from "../testing/provider/test-people.js";
import { createAuthProcedures } from "./auth-procedures.js";
import type { AuthContext } from "./auth-procedures.js";
import { formatAuthError } from "./error-formatter.js";
import { createTrpcNodeHandler } from "./host/node-handler.js";

type Claims = Readonly<Record<string, unknown>>;
type HeaderList = Readonly<Record<string, string | string[]>>;

const { ada } = testPeople;
const spa = "5fa00000-0000-4000-8000-000000000001";
const daemon = "5fa00000-0000-4000-8000-0000000000da";

const test = createTestAuth();
const t = initTRPC
  .context<AuthContext>()
  .create({ errorFormatter: formatAuthError });
const { procedures, signedIn, requireBearer } = createAuthProcedures();
const router = t.router({
  auth: procedures,
  own: t.procedure.concat(signedIn).query(({ ctx }) => ctx.user.name),
  orders: t.procedure
    .concat(
      requireBearer({ scopes: ["Orders.Read"], roles: ["Orders.Export"] }),
    )
    .query(({ ctx }) =>
      ctx.bearer.kind === "user" ? ctx.bearer.scopes : ctx.bearer.clientId,
    ),
  unlimited: t.procedure
    .concat(requireBearer())
    .mutation(({ ctx }) => ctx.bearer.kind),
});
let server: TestServer;

beforeAll(async () => {
  server = await listen(createTrpcNodeHandler({ auth: test.auth, router }));
});
afterAll(() => server.close());

function createToken(claims: Claims): Promise<string> {
  return test.identityClient.identityProvider.createIdToken({
    person: { ...ada, claims: {} },
    change: { claims },
  });
}

const createUserToken = () =>
  createToken({ azp: spa, scp: "Orders.Read", nonce: undefined });
const createDaemonToken = () =>
  createToken({ azp: daemon, roles: ["Orders.Export"], nonce: undefined });

function readHeader(
  { headers }: RawResponse,
  name: string,
): string | undefined {
  return headers.find(([found]) => found === name)?.[1];
}

async function send(
  method: string,
  path: string,
  headers: HeaderList,
  body?: string,
) {
  return server.send({ method, path: `/trpc/${path}`, headers, body });
}

describe("requireBearer of tRPC", () => {
  it.each([
    ["user", createUserToken, ["Orders.Read"]],
    ["application", createDaemonToken, daemon],
  ] as const)(
    "[B1] gives the procedure the %s, without x-csrf and from any origin",
    async (_, createOwnToken, data) => {
      const authorization = `Bearer ${await createOwnToken()}`;

      const response = await send("GET", "orders", {
        authorization,
        origin: "https://spa.test",
        "sec-fetch-site": "cross-site",
      });

      expect(response.status).toBe(200);
      expect(JSON.parse(response.body)).toEqual({ result: { data } });
      expect(readHeader(response, "set-cookie")).toBeUndefined();
    },
  );

  it.each<[string, number, string, string, () => Promise<HeaderList>]>([
    [
      "no token",
      401,
      "not_signed_in",
      "Bearer",
      async () => ({ "x-csrf": "1" }),
    ],
    [
      "another scheme",
      401,
      "not_signed_in",
      "Bearer",
      async () => ({ "x-csrf": "1", authorization: "Basic YTpi" }),
    ],
    [
      "a malformed token",
      401,
      "bearer_invalid",
      'Bearer error="invalid_token"',
      async () => ({ authorization: "Bearer opaque" }),
    ],
    [
      "an ID token",
      401,
      "bearer_invalid",
      'Bearer error="invalid_token"',
      async () => ({
        authorization: `Bearer ${await createToken({ nonce: "nonce" })}`,
      }),
    ],
    [
      "a missing scope",
      403,
      "scope_required",
      'Bearer error="insufficient_scope", scope="Orders.Read"',
      async () => ({
        authorization: `Bearer ${await createToken({ azp: spa, scp: "Orders.Write" })}`,
      }),
    ],
    [
      "a missing role",
      403,
      "role_required",
      'Bearer error="insufficient_scope", scope="Orders.Read"',
      async () => ({
        authorization: `Bearer ${await createToken({ azp: daemon, roles: ["Other"] })}`,
      }),
    ],
    [
      "two headers",
      400,
      "invalid_request",
      'Bearer error="invalid_request"',
      async () => {
        const authorization = `Bearer ${await createUserToken()}`;
        return { authorization: [authorization, authorization] };
      },
    ],
  ])(
    "[B7] refuses %s with %i",
    async (_, status, authCode, challenge, createHeaders) => {
      const response = await send("GET", "orders", await createHeaders());

      expect(response.status).toBe(status);
      expect(JSON.parse(response.body)).toMatchObject({
        error: { data: { authCode, httpStatus: status } },
      });
      expect(readHeader(response, "www-authenticate")).toBe(challenge);
    },
  );

  it("[B7] refuses a token in the query", async () => {
    const response = await send(
      "GET",
      `orders?access_token=${await createUserToken()}`,
      { "x-csrf": "1" },
    );

    expect(response.status).toBe(400);
    expect(readHeader(response, "www-authenticate")).toBe(
      'Bearer error="invalid_request"',
    );
  });

  it("[B7] is not satisfied by a session cookie, and a token satisfies no session guard", async () => {
    const { cookie } = await signInBrowser();
    const authorization = `Bearer ${await createUserToken()}`;

    const byCookie = await send("GET", "orders", { cookie, "x-csrf": "1" });
    const own = await send("GET", "own", { cookie, "x-csrf": "1" });
    const ownByBoth = await send("GET", "own", {
      cookie,
      authorization,
      "x-csrf": "1",
    });
    const me = await send("GET", "auth.me", {
      cookie,
      authorization,
      "x-csrf": "1",
    });

    expect(byCookie.status).toBe(401);
    expect(own.status).toBe(200);
    expect(ownByBoth.status).toBe(401);
    expect(me.status).toBe(400);
    for (const response of [byCookie, ownByBoth, me])
      expect(readHeader(response, "set-cookie")).toBeUndefined();
  });

  it("[B7] excuses no other scheme from x-csrf", async () => {
    const response = await send("POST", "unlimited", {
      authorization: "Negotiate YTpi",
    });

    expect(response.status).toBe(403);
    expect(JSON.parse(response.body)).toMatchObject({
      error: { data: { authCode: "cross_site_request" } },
    });
  });

  it("accepts any access token for this API if no permission is required", async () => {
    const authorization = `Bearer ${await createDaemonToken()}`;

    const response = await send("POST", "unlimited", {
      authorization,
      "content-type": "application/json",
    });

    expect(JSON.parse(response.body)).toEqual({
      result: { data: "application" },
    });
  });
});

/** Signs Ada in, and returns the cookie of her session. */
async function signInBrowser(): Promise<{ readonly cookie: string }> {
  const { sessionToken } = await signIn(test, { person: ada });
  return { cookie: `__Host-Http-session=${sessionToken}` };
}
