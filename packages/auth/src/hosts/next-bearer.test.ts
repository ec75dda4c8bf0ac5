import { describe, expect, it } from "vitest";
import type { Bearer } from "../core/token/bearer-token.js";
import { withBearer } from "../next.js";
import { createTestAuth } from "../testing/test-auth.js";
import { testPeople } from "../testing/provider/test-people.js";

const { ada } = testPeople;
const spa = "5fa00000-0000-4000-8000-000000000001";
const context = { params: Promise.resolve({ id: "7" }) };

function open() {
  const { auth, identityClient } = createTestAuth();
  const handle = withBearer(
    auth,
    { scopes: ["Orders.Read"] },
    async (
      _request,
      { params, bearer }: typeof context & { readonly bearer: Bearer },
    ) => Response.json({ ...(await params), kind: bearer.kind }),
  );
  return {
    createToken: (scp: string) =>
      identityClient.identityProvider.createIdToken({
        person: { ...ada, claims: {} },
        change: { claims: { azp: spa, scp } },
      }),
    get: (authorization?: string, path = "/orders/7") =>
      handle(
        new Request(`https://app.test${path}`, {
          headers: {
            accept: "text/html",
            ...(authorization === undefined ? {} : { authorization }),
          },
        }),
        context,
      ),
  };
}

describe("withBearer of Next", () => {
  it("[B1] passes on who sent the request beside the parameters, and makes the response uncacheable", async () => {
    const { createToken, get } = open();

    const response = await get(`Bearer ${await createToken("Orders.Read")}`);

    expect(await response.json()).toEqual({ id: "7", kind: "user" });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it.each([
    ["no token", 401, "not_signed_in", "Bearer", undefined],
    [
      "a malformed token",
      401,
      "bearer_invalid",
      'Bearer error="invalid_token"',
      "opaque",
    ],
    [
      "two headers",
      400,
      "invalid_request",
      'Bearer error="invalid_request"',
      "a, Bearer b",
    ],
  ] as const)(
    "[B7] refuses %s with %i",
    async (_, status, authCode, challenge, token) => {
      const { get } = open();

      const response = await get(token && `Bearer ${token}`);

      expect(response.status).toBe(status);
      expect(response.headers.get("www-authenticate")).toBe(challenge);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await response.json()).toMatchObject({ error: { authCode } });
    },
  );

  it("[B6][B7] refuses a missing scope with 403, and a token in the query with 400", async () => {
    const { createToken, get } = open();
    const authorization = `Bearer ${await createToken("Orders.Write")}`;

    const refused = await get(authorization);
    const inQuery = await get(undefined, "/orders/7?access_token=a");

    expect(refused.status).toBe(403);
    expect(refused.headers.get("www-authenticate")).toBe(
      'Bearer error="insufficient_scope", scope="Orders.Read"',
    );
    expect(inQuery.status).toBe(400);
  });
});
