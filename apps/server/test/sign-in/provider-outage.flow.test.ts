import { builtInPeople } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { countRows } from "../support/database-file.js";
import { createServerClock } from "../support/server-clock.js";
import type { ServerClock } from "../support/server-clock.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";

type Fault = Parameters<EntraEmulator["control"]["setFault"]>[0];

const { ada } = builtInPeople;
/** Longer than the server's deadline and the test's timeout. */
const endless = 60_000;
/** After a failure, the server does not request the document or the keys again for this time. */
const cooldownSeconds = 5;

let clock: ServerClock;
let site: Site;

// Every test needs a server that has not read the provider's metadata yet.
beforeEach(async () => {
  clock = createServerClock();
  site = await startSite({ environment: clock.environment });
});

afterEach(async () => {
  await site?.stop();
  clock.remove();
});

type Endpoint = "discovery" | "keys" | "token";

function listOutages(endpoint: Endpoint): readonly Fault[] {
  return [
    { type: "down", endpoint, how: "destroy" },
    { type: "down", endpoint, how: "status", status: 500 },
    { type: "down", endpoint, how: "status", status: 429 },
    { type: "down", endpoint, how: "status", status: 404 },
    { type: "down", endpoint, how: "status", status: 200 },
    { type: "delay", endpoint, delayMilliseconds: endless },
  ];
}

/** Expects the error for an unavailable provider, not a server error. */
async function expectUnavailable(
  call: Promise<{
    readonly status: number;
    readonly text: string;
    readonly headers: Headers;
    readonly error:
      { readonly data: { readonly authCode: string } } | undefined;
  }>,
  message: string,
): Promise<void> {
  const response = await call;
  expect(response.error?.data.authCode, `${message} ${response.text}`).toBe(
    "identity_provider_unavailable",
  );
  expect([502, 503, 504]).toContain(response.status);
  expect(response.headers.get("cache-control")).toBe("no-store");
}

describe("a provider that fails at discovery", () => {
  it("makes sign-ins fail with identity_provider_unavailable until it recovers", async () => {
    const visitor = site.createVisitor();
    const outages: readonly Fault[] = [
      ...listOutages("discovery"),
      { type: "discovery", set: { issuer: "https://evil.test/v2.0" } },
      { type: "discovery", set: { token_endpoint: "javascript:alert(1)" } },
      { type: "discovery", remove: ["jwks_uri"] },
    ];
    for (const fault of outages) {
      const remove = site.emulator.control.setFault(fault);
      await expectUnavailable(
        visitor.mutate("auth.login", {}),
        JSON.stringify(fault),
      );
      remove();
      clock.advance(cooldownSeconds);
    }

    expect(visitor.cookies().size).toBe(0);
    expect(countRows(site.server.databasePath).flow).toBe(0);
    expect((await visitor.signIn(ada.upn)).status).toBe(200);
  });
});

describe("a provider that fails at its keys", () => {
  it("[R13] makes callbacks fail with identity_provider_unavailable until it recovers", async () => {
    const visitor = site.createVisitor();
    for (const fault of listOutages("keys")) {
      const remove = site.emulator.control.setFault(fault);
      const query = await visitor.reachCallback(ada.upn);
      await expectUnavailable(
        visitor.mutate("auth.callback", query),
        JSON.stringify(fault),
      );
      remove();
      clock.advance(cooldownSeconds);
    }

    expect(countRows(site.server.databasePath)).toMatchObject({
      user: 0,
      session: 0,
    });
    expect((await visitor.signIn(ada.upn)).status).toBe(200);
  });
});

describe("a provider that fails at its token endpoint", () => {
  it("[R13] makes callbacks fail with identity_provider_unavailable until it recovers", async () => {
    const visitor = site.createVisitor();
    const outages: readonly Fault[] = [
      ...listOutages("token"),
      { type: "token_response", status: 200, body: "<html>Maintenance" },
      { type: "token_response", status: 502, body: "<html>Bad gateway" },
      { type: "token_error", code: 90033, error: "temporarily_unavailable" },
    ];
    for (const fault of outages) {
      const remove = site.emulator.control.setFault(fault);
      const query = await visitor.reachCallback(ada.upn);
      await expectUnavailable(
        visitor.mutate("auth.callback", query),
        JSON.stringify(fault),
      );
      remove();
    }

    expect(countRows(site.server.databasePath)).toMatchObject({
      user: 0,
      session: 0,
    });
    expect((await visitor.signIn(ada.upn)).status).toBe(200);
  });

  it("is distinguished from one that refuses the request", async () => {
    const refusals = [
      { code: 7_000_215, error: "invalid_client", authCode: "client_rejected" },
      { code: 54_005, error: "invalid_grant", authCode: "code_rejected" },
      {
        code: 50_076,
        error: "interaction_required",
        authCode: "interaction_required",
      },
    ];
    const visitor = site.createVisitor();
    for (const { code, error, authCode } of refusals) {
      const remove = site.emulator.control.setFault({
        type: "token_error",
        code,
        error,
      });
      const response = await visitor.signIn(ada.upn);
      remove();

      expect(response.error?.data).toMatchObject({
        authCode,
        provider: { error, aadsts: `AADSTS${code}` },
      });
      expect(response.text).not.toMatch(/entrada-development-secret|5f1a7c52/);
    }
  });

  it("[R13] that responds without a valid ID token starts no session", async () => {
    const responses: readonly Fault[] = [
      { type: "token_response", remove: ["id_token"] },
      { type: "token_response", set: { id_token: "garbage" } },
      { type: "token_response", set: { id_token: "a.b.c" } },
      { type: "token_response", set: { id_token: 1 } },
      { type: "token_response", set: { client_info: "%%%" } },
      { type: "token_response", set: { client_info: "bnVsbA" } },
      { type: "token_response", status: 200, body: [] },
      { type: "token_response", status: 200, body: "null" },
      { type: "token_response", status: 200, body: {} },
      { type: "id_token_signature", variant: "none" },
      { type: "id_token_signature", variant: "hs256_client_secret" },
      { type: "id_token_signature", variant: "altered_payload" },
      { type: "id_token_claims", set: { nonce: "another" } },
      { type: "id_token_claims", set: { aud: "another" } },
    ];
    const visitor = site.createVisitor();
    for (const fault of responses) {
      const remove = site.emulator.control.setFault(fault);
      const response = await visitor.signIn(ada.upn);
      remove();

      expect(
        response.status,
        `${JSON.stringify(fault)} ${response.text}`,
      ).toBeGreaterThanOrEqual(400);
      expect(
        response.status,
        `${JSON.stringify(fault)} ${response.text}`,
      ).not.toBe(500);
      expect(response.error?.data.authCode).not.toBe("internal_error");
    }
    expect(countRows(site.server.databasePath)).toMatchObject({
      user: 0,
      session: 0,
    });
  });
});

describe("while the provider is down", () => {
  it("[O4] users stay signed in and can sign out, and the server is ready", async () => {
    const visitor = site.createVisitor();
    await visitor.signIn(ada.upn);
    await site.emulator.close();

    const me = await visitor.query("auth.me");
    const ready = await visitor.browser.fetch(`${site.origin}/readyz`);
    const logout = await visitor.mutate("auth.logout");

    expect(me.data?.user.objectId).toBe(ada.home.objectId);
    expect(ready.status).toBe(200);
    expect(logout.status).toBe(200);
    expect((await visitor.query("auth.me")).data).toBeNull();
  });

  it("[O4] signing out returns to the app's start page if the provider's metadata was never read", async () => {
    const visitor = site.createVisitor();
    await visitor.signIn(ada.upn);
    const restarted = await startSite({
      emulator: site.emulator,
      databasePath: site.server.databasePath,
      environment: { AUTH_SECRET: Buffer.alloc(32, 1).toString("base64") },
    });
    try {
      const later = restarted.createVisitor();
      later.setSession(visitor.session() ?? "");
      for (const endpoint of ["discovery"] as const)
        site.emulator.control.setFault({ type: "down", endpoint });

      const logout = await later.mutate("auth.logout");

      expect(logout.data.logoutUrl).toBe(`${restarted.origin}/`);
      expect((await later.query("auth.me")).data).toBeNull();
      expect((await visitor.query("auth.me")).data).toBeNull();
    } finally {
      await restarted.stop();
    }
  });
});
