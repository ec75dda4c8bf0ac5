import { builtInPeople, demoApp } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countRows, withDatabase } from "../support/database-file.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { LoginRequest, Visitor } from "../support/visitor.js";

const { ada, ben } = builtInPeople;

const backChannelPath = "/auth/back-channel-logout";

let site: Site;

beforeAll(async () => {
  site = await startSite();
  site.emulator.updateApp(demoApp.clientId, {
    frontChannelLogoutUrl: `${site.origin}/auth/front-channel-logout`,
  });
});

afterAll(async () => {
  await site?.stop();
});

function createForm(token: string): RequestInit {
  return {
    method: "POST",
    body: new URLSearchParams({ logout_token: token }),
  };
}

async function signIn(upn: string, request?: LoginRequest): Promise<Visitor> {
  const visitor = site.createVisitor();
  await visitor.signIn(upn, request);
  return visitor;
}

async function isSignedIn(visitor: Visitor): Promise<boolean> {
  return (await visitor.query("auth.me")).data !== null;
}

/** Returns the provider's ID of the visitor's session. */
function readProviderSession(visitor: Visitor): string {
  const [id = ""] = (visitor.session() ?? "").split(".");
  return withDatabase(site.server.databasePath, (database) =>
    String(
      database
        .prepare("SELECT provider_session_id FROM auth_session WHERE id = ?")
        .pluck()
        .get(id),
    ),
  );
}

describe("signing out", () => {
  it("[S12][O3] ends the session and returns the URL of the provider's sign-out", async () => {
    const visitor = await signIn(ada.upn);
    const session = visitor.session() ?? "";

    const { data, headers } = await visitor.mutate("auth.logout");

    const url = new URL(data.logoutUrl);
    expect(`${url.origin}${url.pathname}`).toBe(
      `${site.emulator.origin}/organizations/oauth2/v2.0/logout`,
    );
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: demoApp.clientId,
      post_logout_redirect_uri: `${site.origin}/`,
      logout_hint: expect.any(String),
    });
    expect(headers.get("clear-site-data")).toBe('"storage"');
    expect(visitor.session() !== undefined).toBe(false);
    const replay = site.createVisitor();
    replay.setSession(session);
    expect(await isSignedIn(replay)).toBe(false);
    expect((await replay.query("workspace.greeting")).status).toBe(401);
  });

  it("[T11] deletes the tokens with the account's last session", async () => {
    const scopes = ["User.Read"];
    const [one, other] = [
      await signIn(ben.upn, { scopes }),
      await signIn(ben.upn, { scopes }),
    ];
    const tokens = countRows(site.server.databasePath).token_cache;

    await one.mutate("auth.logout");
    const between = countRows(site.server.databasePath).token_cache;
    await other.mutate("auth.logout");

    expect(between).toBe(tokens);
    expect(countRows(site.server.databasePath).token_cache).toBe(tokens - 1);
  });

  it("ends the provider's session and returns to the start page", async () => {
    const visitor = await signIn(ada.upn);
    const { logoutUrl } = (await visitor.mutate("auth.logout")).data;

    const page = await visitor.browser.fetch(logoutUrl);

    expect(await page.text()).toContain(`${site.origin}/`);
    const { authorizationUrl } = (
      await visitor.mutate("auth.login", { prompt: "none" })
    ).data;
    const silent = await visitor.browser.fetch(authorizationUrl);
    expect(silent.headers.get("location")).toContain("error=login_required");
  });

  it("[O5] may be repeated, and needs no session", async () => {
    const visitor = await signIn(ada.upn);
    await visitor.mutate("auth.logout");

    const again = await visitor.mutate("auth.logout");
    const signedOut = await site.createVisitor().mutate("auth.logout");

    for (const response of [again, signedOut]) {
      expect(response.status).toBe(200);
      expect(response.data.logoutUrl).toBe(`${site.origin}/`);
    }
  });

  it("[S7] ends only this browser's session, and requires its secret", async () => {
    const [one, other] = [await signIn(ben.upn), await signIn(ben.upn)];
    const [id = ""] = (one.session() ?? "").split(".");
    const thief = site.createVisitor();
    thief.setSession(`${id}.${"A".repeat(43)}`);

    await thief.mutate("auth.logout");
    await other.mutate("auth.logout");

    expect(await isSignedIn(one)).toBe(true);
    expect(await isSignedIn(other)).toBe(false);
  });
});

describe("front-channel sign-out", () => {
  it("[O7] ends the sessions of this sid, in a frame of the provider and without cookies", async () => {
    const [visitor, bystander] = [await signIn(ada.upn), await signIn(ada.upn)];
    const sid = readProviderSession(visitor);

    const frame = await fetch(
      `${site.origin}/auth/front-channel-logout?sid=${sid}`,
    );

    expect(frame.status).toBe(200);
    expect(frame.headers.get("content-type")).toMatch(/^text\/html/);
    expect(frame.headers.get("cache-control")).toBe("no-store");
    expect(frame.headers.get("content-security-policy")).toBe(
      `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors ${site.emulator.origin}`,
    );
    expect(frame.headers.get("x-frame-options")).toBeNull();
    expect(frame.headers.getSetCookie()).toEqual([]);
    expect(await isSignedIn(visitor)).toBe(false);
    expect(await isSignedIn(bystander)).toBe(true);
  });

  it("is requested by the provider's sign-out page", async () => {
    const visitor = await signIn(ada.upn);
    const { control } = site.emulator;
    const hint = new URL(
      (await (await signIn(ada.upn)).mutate("auth.logout")).data.logoutUrl,
    ).searchParams.get("logout_hint");
    control.clearRequests();

    const page = await visitor.browser.fetch(
      `${site.emulator.origin}/organizations/oauth2/v2.0/logout?logout_hint=${encodeURIComponent(hint ?? "")}`,
    );
    const [, frame = ""] =
      /<iframe\s+src="([^"]+)"/.exec(await page.text()) ?? [];
    await fetch(frame.replaceAll("&amp;", "&"));

    expect(new URL(frame).pathname).toBe("/auth/front-channel-logout");
    expect(await isSignedIn(visitor)).toBe(false);
  });

  it("[O8] responds in the same way to an unknown sid, and may be repeated", async () => {
    const visitor = await signIn(ada.upn);
    const url = `${site.origin}/auth/front-channel-logout?sid=`;

    const unknown = await fetch(`${url}unknown`);
    const first = await fetch(`${url}${readProviderSession(visitor)}`);
    const again = await fetch(first.url);

    expect([unknown, first, again].map(({ status }) => status)).toEqual([
      200, 200, 200,
    ]);
    expect(await again.text()).toBe(await unknown.text());
  });

  it("is refused without exactly one sid, and by methods other than GET", async () => {
    const visitor = await signIn(ada.upn);
    const sid = readProviderSession(visitor);
    const url = `${site.origin}/auth/front-channel-logout`;

    const statuses = [
      await fetch(url),
      await fetch(`${url}?sid=`),
      await fetch(`${url}?sid=${sid}&sid=other`),
      await fetch(`${url}?sid=${sid}`, { method: "POST" }),
    ].map(({ status }) => status);

    expect(statuses).toEqual([400, 400, 400, 404]);
    expect(await isSignedIn(visitor)).toBe(true);
  });
});

describe("back-channel sign-out", () => {
  it("[O10] refuses invalid tokens and bodies that are not forms", async () => {
    const requests: readonly RequestInit[] = [
      createForm(""),
      createForm("garbage"),
      createForm("a.b.c"),
      createForm("x".repeat(100_000)),
      { method: "POST", body: new URLSearchParams() },
      {
        method: "POST",
        body: "{}",
        headers: { "content-type": "application/json" },
      },
      { method: "POST" },
    ];
    for (const request of requests) {
      const response = await fetch(`${site.origin}${backChannelPath}`, request);

      expect(response.status, await response.text()).toBe(400);
      expect(response.headers.get("cache-control")).toBe("no-store");
    }
  });
});
