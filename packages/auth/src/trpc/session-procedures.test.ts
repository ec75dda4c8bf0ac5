import { describe, expect, it } from "vitest";
import { openTrpcBrowser } from "../../test/support/trpc-app.js";
import type { TrpcBrowser } from "../../test/support/trpc-app.js";
import { createTestAuth } from "../testing/test-auth.js";
import { testPeople } from "../testing/provider/test-people.js";

const { ada, ben } = testPeople;

function open() {
  const test = createTestAuth();
  return { test, browser: openTrpcBrowser(test) };
}

function sessionIdOf({ jar }: TrpcBrowser): string {
  return jar.get("__Host-Http-session")?.split(".")[0] ?? "";
}

function refusal(authCode: string, data: object = {}): object {
  return { error: { data: { authCode, ...data } } };
}

function revoke(browser: TrpcBrowser, sessionId: unknown) {
  return browser.call("auth.sessions.revoke", {
    method: "POST",
    input: { sessionId },
  });
}

describe("auth.sessions.list", () => {
  it("returns the user's sessions in all browsers, with the current one marked, and no session tokens", async () => {
    const { test, browser } = open();
    await browser.signIn(ada);
    test.clock.advance(30);
    const other = openTrpcBrowser(test);
    await other.signIn(ada);
    await openTrpcBrowser(test).signIn(ben);

    const answer = await browser.call("auth.sessions.list");

    expect(answer.json).toEqual({
      result: {
        data: [
          {
            id: sessionIdOf(other),
            createdAt: "2026-03-01T09:00:30.000Z",
            lastSeenAt: "2026-03-01T09:00:30.000Z",
            idleExpiresAt: "2026-03-01T10:00:30.000Z",
            expiresAt: "2026-03-02T09:00:30.000Z",
            userAgent: null,
            isCurrent: false,
          },
          {
            id: sessionIdOf(browser),
            createdAt: "2026-03-01T09:00:00.000Z",
            lastSeenAt: "2026-03-01T09:00:00.000Z",
            idleExpiresAt: "2026-03-01T10:00:00.000Z",
            expiresAt: "2026-03-02T09:00:00.000Z",
            userAgent: null,
            isCurrent: true,
          },
        ],
      },
    });
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("returns 401 for a visitor who is not signed in", async () => {
    const answer = await open().browser.call("auth.sessions.list");

    expect(answer.status).toBe(401);
    expect(answer.json).toMatchObject(refusal("not_signed_in"));
  });
});

describe("auth.sessions.revoke", () => {
  it("signs another browser of the user out at once", async () => {
    const { test, browser } = open();
    await browser.signIn(ada);
    const other = openTrpcBrowser(test);
    await other.signIn(ada);

    const answer = await revoke(browser, sessionIdOf(other));

    expect(answer.json).toEqual({
      result: { data: { sessionId: sessionIdOf(other) } },
    });
    expect((await other.call("own.signedIn")).status).toBe(401);
    expect((await browser.call("own.signedIn")).status).toBe(200);
  });

  it("requires a sign-in within the last ten minutes, before it looks for the session", async () => {
    const { test, browser } = open();
    await browser.signIn(ada);
    const other = openTrpcBrowser(test);
    await other.signIn(ada);
    test.clock.advance(600);

    const results = [
      await revoke(browser, sessionIdOf(other)),
      await revoke(browser, "unknown"),
    ];

    for (const { status, json } of results) {
      expect(status).toBe(401);
      expect(json).toMatchObject(
        refusal("fresh_sign_in_required", { maxAgeSeconds: 600 }),
      );
    }
    expect((await other.call("own.signedIn")).status).toBe(200);
  });

  it("succeeds after a sign-in with maxAgeSeconds", async () => {
    const { test, browser } = open();
    await browser.signIn(ada);
    const other = openTrpcBrowser(test);
    await other.signIn(ada);
    test.clock.advance(600);
    await browser.signIn(ada, { maxAgeSeconds: 600 });

    const answer = await revoke(browser, sessionIdOf(other));

    expect(answer.status).toBe(200);
  });

  it("signs the current browser out without a fresh sign-in, and removes its cookie", async () => {
    const { test, browser } = open();
    await browser.signIn(ada);
    test.clock.advance(600);

    const answer = await revoke(browser, sessionIdOf(browser));

    expect(answer.status).toBe(200);
    expect(browser.jar.names()).toEqual([]);
  });

  it.each([undefined, null, 5, "", {}, ["id"]])(
    "returns 400 for the session ID %j",
    async (sessionId) => {
      const { browser } = open();
      await browser.signIn(ada);

      const answer = await revoke(browser, sessionId);

      expect(answer.status).toBe(400);
      expect(answer.json).toMatchObject(refusal("invalid_request"));
    },
  );

  it("cannot be called by GET", async () => {
    const { browser } = open();
    await browser.signIn(ada);

    const answer = await browser.call("auth.sessions.revoke", {
      input: { sessionId: sessionIdOf(browser) },
    });

    expect(answer.status).toBe(405);
    expect((await browser.call("own.signedIn")).status).toBe(200);
  });
});

describe("auth.logoutEverywhere", () => {
  it("signs out all browsers of the user at once, and no other user's", async () => {
    const { test, browser } = open();
    await browser.signIn(ada);
    const other = openTrpcBrowser(test);
    await other.signIn(ada);
    const bens = openTrpcBrowser(test);
    await bens.signIn(ben);

    const answer = await browser.call("auth.logoutEverywhere", {
      method: "POST",
    });

    expect(answer.json).toEqual({
      result: { data: { logoutUrl: expect.stringContaining("/logout?") } },
    });
    expect(answer.headers.has("clear-site-data")).toBe(false);
    expect(browser.jar.names()).toEqual([]);
    expect((await other.call("own.signedIn")).status).toBe(401);
    expect((await bens.call("own.signedIn")).status).toBe(200);
  });

  it("returns 401 for a visitor who is not signed in", async () => {
    const answer = await open().browser.call("auth.logoutEverywhere", {
      method: "POST",
    });

    expect(answer.status).toBe(401);
  });

  it("is refused in a streamed batch, which cannot remove cookies", async () => {
    const { browser } = open();
    await browser.signIn(ada);

    const answer = await browser.call("auth.logoutEverywhere", {
      method: "POST",
      headers: { "trpc-accept": "application/jsonl" },
    });

    expect(answer.text).toContain("invalid_request");
    expect((await browser.call("own.signedIn")).status).toBe(200);
  });
});

describe("requireFreshSignIn", () => {
  it("accepts a recent sign-in, and throws fresh_sign_in_required for an older one", async () => {
    const { test, browser } = open();
    await browser.signIn(ada);

    test.clock.advance(299);
    const fresh = await browser.call("own.fresh");
    test.clock.advance(1);
    const stale = await browser.call("own.fresh");

    expect(fresh.json).toEqual({ result: { data: "Ada Lovelace" } });
    expect(stale.status).toBe(401);
    expect(stale.json).toMatchObject(
      refusal("fresh_sign_in_required", { maxAgeSeconds: 300 }),
    );
  });

  it("counts from auth_time, not from the start of the session", async () => {
    const { test, browser } = open();
    test.identityClient.identityProvider.changeIdTokens({
      claims: { auth_time: test.clock.now().getTime() / 1000 - 300 },
    });

    await browser.signIn(ada);

    expect((await browser.call("own.fresh")).status).toBe(401);
  });

  it("does not accept an auth_time in the future as recent", async () => {
    const { test, browser } = open();
    test.identityClient.identityProvider.changeIdTokens({
      claims: { auth_time: test.clock.now().getTime() / 1000 + 250 },
    });
    await browser.signIn(ada);

    test.clock.advance(300);

    expect((await browser.call("own.fresh")).status).toBe(401);
  });

  it("refuses a session without auth_time", async () => {
    const { test, browser } = open();
    test.identityClient.identityProvider.changeIdTokens({
      claims: { auth_time: undefined },
    });

    await browser.signIn(ada);

    expect((await browser.call("own.fresh")).status).toBe(401);
  });

  it("returns 401 not_signed_in for a visitor who is not signed in", async () => {
    const answer = await open().browser.call("own.fresh");

    expect(answer.json).toMatchObject(refusal("not_signed_in"));
  });
});
