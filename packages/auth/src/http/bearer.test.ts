import { describe, expect, it } from "vitest";
import { AuthError } from "../core/error.js";
import { createTestAuth } from "../testing/test-auth.js";
import { testPeople } from "../testing/provider/test-people.js";
import { formatBearerChallenge, requireBearer } from "./bearer.js";
import { hasBearerToken } from "./same-origin.js";
import type { BearerOptions } from "./bearer.js";

const { ada } = testPeople;
const spa = "5fa00000-0000-4000-8000-000000000001";

async function open(claims: Readonly<Record<string, unknown>> = {}) {
  const { auth, identityClient } = createTestAuth();
  const token = await identityClient.identityProvider.createIdToken({
    person: { ...ada, claims: {} },
    change: { claims: { azp: spa, scp: "Orders.Read", ...claims } },
  });
  return {
    auth,
    token,
    clientId: identityClient.clientId,
    send: (
      headers: Readonly<Record<string, string>>,
      options?: BearerOptions,
      request: { readonly url?: string; readonly body?: unknown } = {},
    ) =>
      requireBearer(
        auth,
        { url: "/orders", ...request, readHeader: (name) => headers[name] },
        options,
      ),
  };
}

describe("requireBearer", () => {
  it.each(["Bearer", "bearer", "BEARER  "])(
    "[B1] returns who sent the token of the scheme %j",
    async (scheme) => {
      const { send, token } = await open();

      await expect(
        send(
          { authorization: `${scheme} ${token}` },
          { scopes: ["Orders.Read"] },
        ),
      ).resolves.toMatchObject({ kind: "user", clientId: spa });
    },
  );

  it.each([
    ["no header", {}],
    ["an empty header", { authorization: "" }],
    ["the scheme Basic", { authorization: "Basic YTpi" }],
    ["the scheme Negotiate", { authorization: "Negotiate YTpi" }],
    ["a cookie", { cookie: "__Host-Http-session=id.secret" }],
  ])("[B7] throws not_signed_in for %s", async (_, headers) => {
    const { send } = await open();

    await expect(send(headers)).rejects.toMatchObject({
      code: "not_signed_in",
    });
  });

  it.each(["Bearer", "Bearer ", "Bearer a b", "Bearer opaque"])(
    "[B7] throws bearer_invalid for %j",
    async (authorization) => {
      const { send } = await open();

      await expect(send({ authorization })).rejects.toMatchObject({
        code: "bearer_invalid",
      });
    },
  );

  it.each<
    [
      string,
      (token: string) => Parameters<Awaited<ReturnType<typeof open>>["send"]>,
    ]
  >([
    [
      "two headers",
      (token) => [{ authorization: `Bearer ${token}, Bearer ${token}` }],
    ],
    [
      "a second header of another scheme",
      (token) => [{ authorization: `Basic YTpi, Bearer ${token}` }],
    ],
    [
      "a token in the query",
      (token) => [{}, {}, { url: `/orders?access_token=${token}` }],
    ],
    [
      "a token in the query beside the header",
      (token) => [
        { authorization: `Bearer ${token}` },
        {},
        { url: "/orders?a=b&access_token=x" },
      ],
    ],
    [
      "a token in a parsed body",
      (token) => [{}, {}, { body: { access_token: token } }],
    ],
  ])("[B7] throws invalid_request for %s", async (_, createRequest) => {
    const { send, token } = await open();

    await expect(send(...createRequest(token))).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it.each<[string, string | readonly string[] | undefined, boolean]>([
    ["the client ID", undefined, false],
    ["api:// and the client ID", undefined, false],
    ["another audience", "api://orders", true],
    ["one of several other audiences", ["api://a", "api://orders"], true],
  ])("[B4] accepts %s", async (_, audience, isOther) => {
    const { clientId } = await open();
    const aud = isOther ? "api://orders" : `api://${clientId}`;
    const { send, token } = await open({ aud });
    const own = await open();

    await expect(
      send({ authorization: `Bearer ${token}` }, { audience }),
    ).resolves.toBeDefined();
    const ownAnswer = own.send(
      { authorization: `Bearer ${own.token}` },
      { audience },
    );
    if (isOther)
      await expect(ownAnswer).rejects.toMatchObject({ code: "bearer_invalid" });
    else await expect(ownAnswer).resolves.toBeDefined();
  });

  it.each<[BearerOptions, string]>([
    [{ scopes: ["Orders.Write"] }, "scope_required"],
    [{ roles: ["Admin"] }, "role_required"],
  ])(
    "[B6] throws the code for a missing permission %o",
    async (options, code) => {
      const { send, token } = await open();

      await expect(
        send({ authorization: `Bearer ${token}` }, options),
      ).rejects.toMatchObject({ code });
    },
  );
});

it.each([
  ["Bearer a", true],
  ["bearer a", true],
  ["Bearer", true],
  ["BearerToken a", false],
  ["Basic a", false],
  [undefined, false],
])("[B7] hasBearerToken returns for %j: %s", (authorization, expected) => {
  expect(hasBearerToken(() => authorization)).toBe(expected);
});

describe("formatBearerChallenge", () => {
  it.each([
    ["not_signed_in", "Bearer"],
    ["bearer_invalid", 'Bearer error="invalid_token"'],
    ["scope_required", 'Bearer error="insufficient_scope", scope="Read Write"'],
    ["role_required", 'Bearer error="insufficient_scope", scope="Read Write"'],
    ["invalid_request", 'Bearer error="invalid_request"'],
    ["store_unavailable", undefined],
  ] as const)("[B7] returns for %s: %s", (code, expected) => {
    const error = new AuthError(code, "Refused.");

    expect(formatBearerChallenge(error, { scopes: ["Read", "Write"] })).toBe(
      expected,
    );
  });

  it("names no scope if none was required", () => {
    const error = new AuthError("role_required", "Refused.");

    expect(formatBearerChallenge(error)).toBe(
      'Bearer error="insufficient_scope"',
    );
  });
});
