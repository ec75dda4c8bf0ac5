import { parseCallback } from "./sign-in/callback.js";
import { describe, expect, it } from "vitest";
import { createFakeIdentityClient } from "../testing/provider/fake-identity-client.js";
import { createMemoryStores } from "../testing/memory/stores.js";
import { signIn, signInAtProvider } from "../testing/sign-in.js";
import type { TestCallback } from "../testing/sign-in.js";
import { createTestAuth } from "../testing/test-auth.js";
import { testPeople } from "../testing/provider/test-people.js";
import { readParts } from "./auth-parts.js";
import { createAuth } from "./create-auth.js";
import type { AuthOptions } from "./options.js";
import type { Callback } from "./sign-in/complete-flow.js";

const { ada } = testPeople;
const secret = new Uint8Array(32).fill(1);

function create(
  changes: Partial<AuthOptions> = {},
): ReturnType<typeof createAuth> {
  return createAuth({
    appUrl: "https://app.test",
    identityClient: createFakeIdentityClient(),
    stores: createMemoryStores(),
    secrets: [secret],
    ...changes,
  });
}

describe("createAuth", () => {
  it("has a default for every timeout", () => {
    expect(create()).toMatchObject({
      origin: "https://app.test",
      authority: "https://login.test",
      flowTimeoutSeconds: 600,
      sessionTimeouts: {
        idleTimeoutSeconds: 3600,
        absoluteTimeoutSeconds: 86_400,
      },
    });
  });

  it("gives adapters the stores, the rate limit and the trusted proxies, also to another copy of the package", () => {
    const options = {
      stores: createMemoryStores(),
      rateLimit: { perMinute: 5 },
    };
    const auth = create(options);

    expect(readParts(auth)).toMatchObject({ ...options, trustedProxies: [] });
    expect(Reflect.get(auth, Symbol.for("@entrada/auth/parts"))).toBe(
      readParts(auth),
    );
    expect(readParts(create({ trustedProxies: ["private"] }))).toMatchObject({
      trustedProxies: ["private"],
    });
  });

  it.each<[string, Partial<AuthOptions>]>([
    ["secret", { secrets: [] }],
    ["secret", { secrets: [new Uint8Array(16)] }],
    ["Timeouts", { session: { idleTimeoutSeconds: 0 } }],
    ["Timeouts", { session: { absoluteTimeoutSeconds: -1 } }],
    ["Timeouts", { session: { idleTimeoutSeconds: Number.NaN } }],
    [
      "Timeouts",
      { session: { absoluteTimeoutSeconds: Number.POSITIVE_INFINITY } },
    ],
    ["Timeouts", { flow: { timeoutSeconds: 0 } }],
    ["auditRetentionDays", { auditRetentionDays: 29 }],
    ["auditRetentionDays", { auditRetentionDays: Number.NaN }],
  ])("throws a TypeError that names the %s: %j", (name, changes) => {
    expect(() => create(changes)).toThrow(TypeError);
    expect(() => create(changes)).toThrow(new RegExp(name));
  });

  it("uses the default for a timeout that is present but undefined", () => {
    const session: { idleTimeoutSeconds?: number } = {};
    Object.assign(session, { idleTimeoutSeconds: undefined });

    expect(create({ session }).sessionTimeouts).toEqual({
      idleTimeoutSeconds: 3600,
      absoluteTimeoutSeconds: 86_400,
    });
  });

  it("uses the system clock by default", async () => {
    const before = Date.now();

    const { expiresAt } = await create().initiateFlow();

    expect(expiresAt.getTime()).toBeGreaterThanOrEqual(before + 600_000);
    expect(expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + 600_000);
  });

  it("deletes at most the given number of expired rows of each kind", async () => {
    const test = createTestAuth();
    for (let count = 0; count < 3; count += 1) {
      await test.auth.initiateFlow();
      await signIn(test, { person: ada, scopes: ["User.Read"] });
      await test.stores.rateLimitStore.count(`login:203.0.113.${count}`, 60);
      const now = test.clock.now();
      await test.stores.leaseStore.acquire(
        { name: `token:${count}`, holder: "crashed", expiresAt: now },
        now,
      );
    }
    // Rate limits use the system clock, which is ahead of the test's.
    test.clock.advance((Date.now() - test.clock.now().getTime()) / 1000);
    test.clock.advance(90_000);

    const deleted = [
      await test.auth.deleteExpired(2),
      await test.auth.deleteExpired(2),
      await test.auth.deleteExpired(),
    ];

    const none = { tokenCaches: 0, auditEntries: 0, failures: [] };
    expect(deleted).toEqual([
      {
        ...none,
        flows: 2,
        sessions: 2,
        tokenCaches: 1,
        rateCounts: 2,
        leases: 2,
      },
      { ...none, flows: 1, sessions: 1, rateCounts: 1, leases: 1 },
      { ...none, flows: 0, sessions: 0, rateCounts: 0, leases: 0 },
    ]);
  });

  it("reports each expired session that it deletes", async () => {
    const test = createTestAuth();
    const { session, user } = await signIn(test, { person: ada });
    test.clock.advance(90_000);

    await test.auth.deleteExpired();

    expect(test.events.at(-1)).toEqual({
      type: "session.ended",
      sessionId: session.id,
      userId: user.id,
      reason: "expired",
    });
  });
});

describe("AuthEvent", () => {
  it("is reported for a sign-in, for a replaced session and for a failure", async () => {
    const test = createTestAuth();
    const first = await signIn(test, { person: ada });
    const second = await signIn(test, {
      person: ada,
      sessionCookie: first.sessionToken,
    });
    const callback = await signInAtProvider(test, {
      person: ada,
      parameters: {
        error: "access_denied",
        error_description: "AADSTS65004: User declined to consent.",
        code: undefined,
      },
    });

    await test.auth.completeFlow(callback).catch(() => undefined);

    const userId = first.user.id;
    expect(test.events).toEqual([
      { type: "flow.initiated", flowId: first.flowId },
      {
        type: "flow.completed",
        flowId: first.flowId,
        sessionId: first.session.id,
        userId,
        isNewUser: true,
      },
      { type: "flow.initiated", flowId: second.flowId },
      {
        type: "flow.completed",
        flowId: second.flowId,
        sessionId: second.session.id,
        userId,
        isNewUser: false,
      },
      {
        type: "session.ended",
        sessionId: first.session.id,
        userId,
        reason: "replaced",
      },
      { type: "flow.initiated", flowId: callback.flowId },
      {
        type: "flow.failed",
        flowId: callback.flowId,
        code: "authorization_denied",
        aadsts: "AADSTS65004",
        flowWaited: true,
      },
    ]);
  });

  it.each<[string, (callback: TestCallback) => Callback, boolean, string]>([
    [
      "has an unknown state",
      (callback) => ({
        ...callback,
        ...parseCallback({ state: "S".repeat(43), code: "c" }),
      }),
      false,
      "flow_not_found",
    ],
    [
      "has no state",
      (callback) => ({ ...callback, ...parseCallback({}) }),
      false,
      "invalid_request",
    ],
    [
      "repeats its state",
      (callback) => ({ ...callback, ...parseCallback({ state: ["a", "b"] }) }),
      false,
      "invalid_request",
    ],
    [
      "comes from another browser",
      (callback) => ({ ...callback, browserToken: undefined }),
      true,
      "browser_mismatch",
    ],
    [
      "has neither code nor error",
      (callback) => ({
        ...callback,
        ...parseCallback({ ...callback.parameters, code: undefined }),
      }),
      true,
      "invalid_request",
    ],
  ])(
    "states whether a flow waited for a callback that %s",
    async (_, change, flowWaited, code) => {
      const test = createTestAuth();
      const callback = await signInAtProvider(test, { person: ada });

      await test.auth.completeFlow(change(callback)).catch(() => undefined);

      expect(test.events.at(-1)).toMatchObject({
        type: "flow.failed",
        code,
        flowWaited,
      });
    },
  );

  it("states for a repeated callback that no flow waited", async () => {
    const test = createTestAuth();
    const callback = await signInAtProvider(test, { person: ada });
    await test.auth.completeFlow(callback);

    await test.auth.completeFlow(callback).catch(() => undefined);

    expect(test.events.at(-1)).toMatchObject({
      code: "flow_not_found",
      flowWaited: false,
    });
  });

  it("does not affect a sign-in or sign-out if its listener throws", async () => {
    const test = createTestAuth({
      onEvent: () => {
        throw new Error("The log is full.");
      },
    });

    const { sessionToken } = await signIn(test, {
      person: ada,
      scopes: ["User.Read"],
    });

    await expect(test.auth.readSession(sessionToken)).resolves.toBeDefined();
    await expect(test.auth.endSession(sessionToken)).resolves.toContain(
      "logout",
    );
  });

  it("does not affect a sign-in or the process if its listener rejects", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    const test = createTestAuth({
      onEvent: async () => {
        throw new Error("The log is full.");
      },
    });

    const { sessionToken } = await signIn(test, { person: ada });
    // Node reports unhandled rejections before the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));

    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
    await expect(test.auth.readSession(sessionToken)).resolves.toBeDefined();
  });

  it("[F26] carries no secret that was planted in the flow, the cookie or the token response", async () => {
    const test = createTestAuth();
    const planted = "planted-7c1f";
    test.identityClient.identityProvider.changeIdTokens({
      claims: {
        name: `${planted}-name`,
        email: `${planted}@contoso.test`,
        login_hint: `${planted}-hint`,
        sid: `${planted}-sid`,
      },
    });
    const request = {
      person: ada,
      scopes: ["User.Read"],
      loginHint: `${planted}-hint`,
      returnUrl: `/${planted}`,
      userAgent: planted,
    };
    const callback = await signInAtProvider(test, request);
    const { browserToken, state, code } = {
      browserToken: callback.browserToken ?? "",
      state: String(callback.parameters["state"]),
      code: String(callback.parameters["code"]),
    };

    const signedIn = await test.auth.completeFlow(callback);
    const accessToken = await test.auth.acquireAccessToken(signedIn, {
      scopes: ["User.Read"],
      forceRefresh: true,
    });
    const failing = await signInAtProvider(test, {
      ...request,
      sessionCookie: signedIn.sessionToken,
      parameters: {
        error: planted,
        error_description: `AADSTS50105: ${planted}`,
        code: planted,
      },
    });
    await test.auth.completeFlow(failing).catch(() => undefined);
    await test.auth
      .completeFlow({
        ...failing,
        ...parseCallback({ state: planted, code: planted }),
      })
      .catch(() => undefined);
    await test.auth.endSession(signedIn.sessionToken);

    const told = JSON.stringify(test.events);
    const secrets = [
      planted,
      browserToken,
      state,
      code,
      accessToken,
      signedIn.sessionToken.split(".")[1] ?? "",
    ];
    for (const planted of secrets) expect(told).not.toContain(planted);
    expect(test.events.map(({ type }) => type)).toContain("session.ended");
  });
});
