import {
  builtInPeople,
  builtInTenants,
  demoApp,
} from "@entrada/entra-emulator";
import type { LogoutTokenRequest } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDatabase } from "../support/database-file.js";
import { createServerClock } from "../support/server-clock.js";
import type { ServerClock } from "../support/server-clock.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { Visitor } from "../support/visitor.js";

const { ada, ben } = builtInPeople;
const { contoso, fabrikam } = builtInTenants;

let clock: ServerClock;
let site: Site;

beforeAll(async () => {
  clock = createServerClock();
  site = await startSite({ environment: clock.environment });
});

afterAll(async () => {
  await site?.stop();
  clock.remove();
});

async function signIn(upn: string): Promise<Visitor> {
  const visitor = site.createVisitor();
  await visitor.signIn(upn);
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

function frame(
  parameters: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const query = new URLSearchParams(parameters);
  return fetch(`${site.origin}/auth/front-channel-logout?${query}`, {
    headers,
  });
}

async function postLogoutToken(
  request: Omit<LogoutTokenRequest, "clientId">,
): Promise<{ readonly token: string; readonly status: number }> {
  const token = await site.emulator.control.createLogoutToken({
    clientId: demoApp.clientId,
    ...request,
  });
  return { token, status: await post(token) };
}

async function post(token: string): Promise<number> {
  const response = await fetch(`${site.origin}/auth/back-channel-logout`, {
    method: "POST",
    body: new URLSearchParams({ logout_token: token }),
  });
  return response.status;
}

describe("front-channel sign-out by iss and sid", () => {
  it("[O9] is refused for another issuer and ends no session", async () => {
    const visitor = await signIn(ada.upn);
    const sid = readProviderSession(visitor);
    const otherIssuers = [
      "https://evil.test",
      "https://login.microsoftonline.com/common/v2.0",
      `${site.emulator.origin}/{tenantid}/v2.0`,
      `${site.emulator.origin}/${contoso.tenantId}/v2.0/`,
      "",
    ];

    const statuses = await Promise.all(
      otherIssuers.map(async (iss) => (await frame({ sid, iss })).status),
    );

    expect(statuses).toEqual(otherIssuers.map(() => 400));
    expect(await isSignedIn(visitor)).toBe(true);
  });

  it("[O9] ends only sessions of the issuer's organisation", async () => {
    const visitor = await signIn(ada.upn);
    const sid = readProviderSession(visitor);

    const foreign = await frame({
      sid,
      iss: `${site.emulator.origin}/${fabrikam.tenantId}/v2.0`,
    });
    const isStillSignedIn = await isSignedIn(visitor);
    const own = await frame({
      sid,
      iss: `${site.emulator.origin}/${contoso.tenantId}/v2.0`,
    });

    expect([foreign.status, own.status]).toEqual([200, 200]);
    expect(isStillSignedIn).toBe(true);
    expect(await isSignedIn(visitor)).toBe(false);
  });

  it("[O7] ignores cookies: another user's session cookie has no effect", async () => {
    const [visitor, bystander] = [await signIn(ada.upn), await signIn(ben.upn)];
    const cookie = `${bystander.names.session}=${bystander.session() ?? ""}`;

    const response = await frame(
      { sid: readProviderSession(visitor) },
      { cookie, "sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe" },
    );

    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await isSignedIn(visitor)).toBe(false);
    expect(await isSignedIn(bystander)).toBe(true);
  });
});

describe("back-channel sign-out", () => {
  it("[O11] by sub without sid ends every session of the user, and no other", async () => {
    const [one, other] = [await signIn(ada.upn), await signIn(ada.upn)];
    const bystander = await signIn(ben.upn);

    const { status } = await postLogoutToken({ upn: ada.upn });

    expect(status).toBe(200);
    expect([await isSignedIn(one), await isSignedIn(other)]).toEqual([
      false,
      false,
    ]);
    expect(await isSignedIn(bystander)).toBe(true);
  });

  it("[O12] accepts a token twice, which has no effect the second time", async () => {
    const visitor = await signIn(ada.upn);
    const sid = readProviderSession(visitor);

    const { token, status } = await postLogoutToken({ upn: ada.upn, sid });
    const again = await post(token);

    expect([status, again]).toEqual([200, 200]);
    expect(await isSignedIn(visitor)).toBe(false);
  });

  it("[O13] by a replayed token (same jti) ends no session that started after it", async () => {
    const visitor = await signIn(ada.upn);
    const { token } = await postLogoutToken({ upn: ada.upn });
    const wasSignedIn = await isSignedIn(visitor);
    // Longer than the permitted clock difference.
    clock.advance(301);
    site.emulator.control.advanceClock(301);
    await visitor.signIn(ada.upn);

    const replayed = await post(token);

    expect(wasSignedIn).toBe(false);
    expect([200, 400]).toContain(replayed);
    expect(await isSignedIn(visitor)).toBe(true);
  });
});

describe("channel sign-outs", () => {
  const frontChannel = "/auth/front-channel-logout";
  const backChannel = "/auth/back-channel-logout";

  it("[N7] end no session for a prefetch, and respond with 503", async () => {
    const visitor = await signIn(ada.upn);

    const response = await frame(
      { sid: readProviderSession(visitor) },
      { "sec-purpose": "prefetch;prerender" },
    );

    expect(response.status).toBe(503);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await isSignedIn(visitor)).toBe(true);
  });

  it("[N9] refuse an endless body without Content-Length, and do not delay other requests", async () => {
    const chunk = new TextEncoder().encode("a&".repeat(4096));
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(chunk),
    });
    const init = {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: endless,
      duplex: "half",
    };

    const [response, other] = await Promise.all([
      fetch(`${site.origin}${backChannel}`, init),
      fetch(`${site.origin}/healthz`),
    ]);

    expect([response.status, other.status]).toEqual([400, 200]);
    await expect(response.json()).resolves.toMatchObject({
      error: { authCode: "invalid_request" },
    });
  });

  it.each([
    ["a form of 128 KB", "POST", backChannel, 128 * 1024],
    ["a form of 60 KB and many parameters", "POST", backChannel, 60 * 1024],
    ["a query of 15 KB and many parameters", "GET", frontChannel, 15 * 1024],
  ])("[N9] refuse %s", async (_, method, path, length) => {
    const parameters = Array.from(
      { length: 30_000 },
      (__, index) => `p${index}`,
    )
      .join("&")
      .slice(0, length);
    const isForm = method === "POST";

    const response = await fetch(
      `${site.origin}${path}${isForm ? "" : `?${parameters}`}`,
      isForm
        ? {
            method,
            body: parameters,
            headers: { "content-type": "application/x-www-form-urlencoded" },
          }
        : {},
    );

    expect(response.status).toBe(400);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("are the only routes below /auth: other paths belong to the web app", async () => {
    const responses = await Promise.all(
      ["/auth/callback", "/auth/me", "/auth/login"].map((path) =>
        fetch(`${site.origin}${path}`),
      ),
    );

    for (const { headers } of responses)
      expect(headers.get("content-type")).toContain("text/html");
  });
});
