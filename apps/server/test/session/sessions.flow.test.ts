import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { Visitor } from "../support/visitor.js";

const { ada, ben } = builtInPeople;

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

afterEach(() => {
  site.emulator.control.clearFaults();
});

afterAll(async () => {
  await site?.stop();
});

async function signIn(upn: string, userAgent = "Browser/1.0") {
  const visitor = site.createVisitor({ headers: { "user-agent": userAgent } });
  await visitor.signIn(upn);
  return visitor;
}

function sessionIdOf(visitor: Visitor): string {
  return (visitor.session() ?? "").split(".")[0] ?? "";
}

async function isSignedIn(visitor: Visitor): Promise<boolean> {
  return (await visitor.query("auth.me")).data !== null;
}

/** Signs in with a provider session that was authenticated an hour ago. */
async function signInStale(upn: string): Promise<Visitor> {
  const remove = site.emulator.control.setFault({
    type: "id_token_claims",
    set: { auth_time: Math.floor(Date.now() / 1000) - 3600 },
  });
  const visitor = await signIn(upn);
  remove();
  return visitor;
}

describe("auth.sessions", () => {
  it("[S13] lists the user's own sessions with their browsers, and marks the current one", async () => {
    const [here, there] = [
      await signIn(builtInPeople.nora.upn, "Here/1.0"),
      await signIn(builtInPeople.nora.upn, "There/1.0"),
    ];
    await signIn(ben.upn);

    const { data } = await here.query("auth.sessions.list");

    const described = data.map(({ id, userAgent, isCurrent }) => ({
      id,
      userAgent,
      isCurrent,
    }));
    expect(described).toHaveLength(2);
    expect(described).toEqual(
      expect.arrayContaining([
        { id: sessionIdOf(here), userAgent: "Here/1.0", isCurrent: true },
        { id: sessionIdOf(there), userAgent: "There/1.0", isCurrent: false },
      ]),
    );
  });

  it("[S14] ends another session of the user at once", async () => {
    const [here, there] = [await signIn(ada.upn), await signIn(ada.upn)];

    const response = await here.mutate("auth.sessions.revoke", {
      sessionId: sessionIdOf(there),
    });

    expect(response.data).toEqual({ sessionId: sessionIdOf(there) });
    expect(await isSignedIn(there)).toBe(false);
    expect((await there.query("workspace.greeting")).status).toBe(401);
    expect(await isSignedIn(here)).toBe(true);
  });

  it("[S16] responds with 404 to the revocation of another user's session, which stays", async () => {
    const [adas, bens] = [await signIn(ada.upn), await signIn(ben.upn)];

    const response = await adas.mutate("auth.sessions.revoke", {
      sessionId: sessionIdOf(bens),
    });

    expect(response.status).toBe(404);
    expect(response.error?.data.authCode).toBe("session_not_found");
    expect(await isSignedIn(bens)).toBe(true);
  });

  it("[I36] requires a fresh sign-in to end a session", async () => {
    const there = await signIn(ada.upn);
    const here = await signInStale(ada.upn);
    const input = { sessionId: sessionIdOf(there) };

    const stale = await here.mutate("auth.sessions.revoke", input);
    const stillThere = await isSignedIn(there);
    const { maxAgeSeconds = 0 } = stale.error?.data ?? {};
    await here.signIn(ada.upn, { maxAgeSeconds });
    const fresh = await here.mutate("auth.sessions.revoke", input);

    expect(stale.status).toBe(401);
    expect(stale.error?.data).toMatchObject({
      authCode: "fresh_sign_in_required",
      maxAgeSeconds: 600,
    });
    expect(stillThere).toBe(true);
    expect(fresh.status).toBe(200);
    expect(await isSignedIn(there)).toBe(false);
  });

  it("[I35] sends max_age to the identity provider and refuses an older auth_time", async () => {
    const visitor = site.createVisitor();
    site.emulator.control.setFault({
      type: "id_token_claims",
      set: { auth_time: Math.floor(Date.now() / 1000) - 3600 },
    });

    const response = await visitor.signIn(ada.upn, { maxAgeSeconds: 600 });

    const [authorization] = site.emulator.control
      .requests("authorize")
      .filter(({ query }) => query["max_age"] !== undefined);
    expect(authorization?.query["max_age"]).toBe("600");
    expect(response.error?.data.authCode).toBe("id_token_invalid");
    expect(await isSignedIn(visitor)).toBe(false);
  });
});

describe("auth.logoutEverywhere", () => {
  it("[S15] signs the user out in every browser at once, and no other user", async () => {
    const [here, there] = [await signIn(ada.upn), await signIn(ada.upn)];
    const bens = await signIn(ben.upn);

    const { data } = await here.mutate("auth.logoutEverywhere");

    expect(data.logoutUrl).toContain("/oauth2/v2.0/logout");
    expect(here.session() !== undefined).toBe(false);
    expect([await isSignedIn(here), await isSignedIn(there)]).toEqual([
      false,
      false,
    ]);
    expect(await isSignedIn(bens)).toBe(true);
  });
});
