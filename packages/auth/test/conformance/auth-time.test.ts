import type { Fault, Json } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
  LoginRequest,
  Visitor,
} from "../../../../apps/server/test/support/visitor.js";
import { idTokenRefusal, startRelyingParty } from "./support/relying-party.js";
import type { RelyingParty } from "./support/relying-party.js";
import { ada, isSignedIn, readCookie } from "./support/visitors.js";

// OpenID Connect Core 3.1.2.1 (max_age) and 3.1.3.7 step 13 (auth_time), over HTTP.

const maxAgeSeconds = 600;

let relyingParty: RelyingParty;

beforeAll(async () => {
  relyingParty = await startRelyingParty();
});

afterAll(async () => {
  await relyingParty?.stop();
});

/** Sets `auth_time` to this many seconds after the token is signed. */
function authenticated(seconds: number): Fault {
  return {
    type: "id_token_claims",
    transform: (signed) => ({
      ...signed,
      auth_time: Math.floor(Date.now() / 1000) + seconds,
    }),
  };
}

async function signIn(
  visitor: Visitor,
  request: LoginRequest,
  ...faults: readonly Fault[]
): ReturnType<Visitor["signIn"]> {
  return relyingParty.withFaults(faults, () =>
    visitor.signIn(ada.upn, request),
  );
}

describe("a sign-in with max_age", () => {
  it("[I34] sends max_age and accepts an auth_time within it, with five minutes of clock skew", async () => {
    const { control } = relyingParty.emulator;
    control.clearRequests();

    const results = [
      await signIn(relyingParty.createVisitor(), { maxAgeSeconds }),
      await signIn(
        relyingParty.createVisitor(),
        { maxAgeSeconds },
        authenticated(-maxAgeSeconds - 270),
      ),
      await signIn(
        relyingParty.createVisitor(),
        { maxAgeSeconds },
        authenticated(270),
      ),
    ];

    const sent = control
      .requests("authorize")
      .map(({ query }) => query["max_age"]);
    expect(results.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(sent)).toEqual(new Set([String(maxAgeSeconds)]));
  });

  it.each<[string, Fault]>([
    ["missing", { type: "id_token_claims", remove: ["auth_time"] }],
    ["too long ago", authenticated(-maxAgeSeconds - 330)],
    ["in the future", authenticated(330)],
    ...(["recently", null, [1], "1900000000"] satisfies readonly Json[]).map(
      (value): [string, Fault] => [
        `not a number: ${JSON.stringify(value)}`,
        { type: "id_token_claims", set: { auth_time: value } },
      ],
    ),
  ])(
    "[I35] is refused if auth_time is %s, and keeps the current session",
    async (_, fault) => {
      const visitor = relyingParty.createVisitor();
      await visitor.signIn(ada.upn);
      const session = readCookie(visitor);

      const refused = await signIn(visitor, { maxAgeSeconds }, fault);

      expect(refused.status).toBe(idTokenRefusal.status);
      expect(refused.error?.data.authCode).toBe(idTokenRefusal.code);
      expect(readCookie(visitor)).toBe(session);
      expect(await isSignedIn(visitor)).toBe(true);
    },
  );

  it("requires no auth_time if no max_age was sent", async () => {
    const visitor = relyingParty.createVisitor();

    const answer = await signIn(
      visitor,
      {},
      { type: "id_token_claims", remove: ["auth_time"] },
    );

    expect(answer.status).toBe(200);
  });
});

describe("requireFreshSignIn", () => {
  it.each<[string, Fault]>([
    ["has no auth_time", { type: "id_token_claims", remove: ["auth_time"] }],
    ["authenticated too long ago", authenticated(-maxAgeSeconds - 60)],
  ])(
    "[I36] refuses a user who %s until they sign in again",
    async (_, fault) => {
      const [there, here] = [
        relyingParty.createVisitor(),
        relyingParty.createVisitor(),
      ];
      await there.signIn(ada.upn);
      await signIn(here, {}, fault);
      const [sessionId] = readCookie(there).split(".");

      const refused = await here.mutate("auth.sessions.revoke", { sessionId });
      const isThereStill = await isSignedIn(there);
      await signIn(here, { maxAgeSeconds });
      const allowed = await here.mutate("auth.sessions.revoke", { sessionId });

      expect(refused.status).toBe(401);
      expect(refused.error?.data).toMatchObject({
        authCode: "fresh_sign_in_required",
        maxAgeSeconds,
      });
      expect(isThereStill).toBe(true);
      expect(allowed.status).toBe(200);
      expect(await isSignedIn(there)).toBe(false);
    },
  );
});
