import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countRows } from "../support/database-file.js";
import { passProvider } from "../support/provider/provider-pages.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import { readQuery } from "../support/visitor.js";
import type { Visitor } from "../support/visitor.js";

// Vulnerabilities of other projects. Each test names the advisory or the attack.

const { ada, ben } = builtInPeople;

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

afterAll(async () => {
  await site?.stop();
});

function readSessionCookie(visitor: Visitor): string {
  return visitor.session() ?? "";
}

/** Returns the user of a session cookie, as two procedures report it. */
async function findSignedIn(value: string): Promise<readonly unknown[]> {
  const visitor = site.createVisitor();
  visitor.setSession(value);
  const me = await visitor.query("auth.me");
  const greeting = await visitor.query("workspace.greeting");
  return [me.data, greeting.error?.data.authCode];
}

const signedOut = [null, "not_signed_in"];

describe("a session that was planted in the browser (CVE-2021-41246)", () => {
  it("[S2][V3] is not continued by a sign-in, even if it is a valid session of the attacker", async () => {
    const [attacker, victim] = [site.createVisitor(), site.createVisitor()];
    await attacker.signIn(ben.upn);
    const planted = readSessionCookie(attacker);
    victim.setSession(planted);

    await victim.signIn(ada.upn);

    const [plantedId, plantedSecret] = planted.split(".");
    const [id, secret] = readSessionCookie(victim).split(".");
    expect(id).not.toBe(plantedId);
    expect(secret).not.toBe(plantedSecret);
    expect(await findSignedIn(planted)).toEqual(signedOut);
    expect((await victim.query("auth.me")).data?.user.objectId).toBe(
      ada.home.objectId,
    );
  });

  it("[S3] does not change by a sign-in that fails", async () => {
    const [attacker, victim] = [site.createVisitor(), site.createVisitor()];
    await attacker.signIn(ben.upn);
    victim.setSession(readSessionCookie(attacker));
    const { state } = await victim.reachCallback(ada.upn);

    await victim.mutate("auth.callback", { state, error: "access_denied" });

    expect((await attacker.query("auth.me")).data?.user.objectId).toBe(
      ben.home.objectId,
    );
  });
});

describe("a value of a pending sign-in (CVE-2023-48309)", () => {
  it("[S4][V4] is not accepted as a session cookie: flow cookie, state, nonce, challenge or code, with or without an ID", async () => {
    const visitor = site.createVisitor();
    await visitor.signIn(ada.upn);
    const [sessionId = ""] = readSessionCookie(visitor).split(".");
    const { authorizationUrl } = (await visitor.mutate("auth.login", {})).data;
    const { searchParams } = new URL(authorizationUrl);
    const { location } = await passProvider(
      visitor.browser,
      authorizationUrl,
      ada.upn,
    );
    const { code, state } = readQuery(location ?? "");
    const flowCookies = [...visitor.cookies()].filter(([name]) =>
      name.startsWith(visitor.names.flowPrefix),
    );
    const [[flowName = "", flowValue = ""] = []] = flowCookies;
    const values = [
      flowValue,
      flowValue.split(".")[0] ?? "",
      String(state),
      searchParams.get("nonce") ?? "",
      searchParams.get("code_challenge") ?? "",
      String(code),
    ];
    const ids = [sessionId, flowName.slice(visitor.names.flowPrefix.length)];

    for (const value of values)
      for (const cookie of [value, ...ids.map((id) => `${id}.${value}`)])
        expect(await findSignedIn(cookie), cookie).toEqual(signedOut);

    expect(flowCookies).toHaveLength(1);
    expect(values.every((value) => value.length > 20)).toBe(true);
  });

  it("[V4] is not accepted under the session cookie's name: a flow cookie there does not complete the callback", async () => {
    const visitor = site.createVisitor();
    const { state } = await visitor.reachCallback(ada.upn);
    const rows = countRows(site.server.databasePath);
    const bearer = site.createVisitor();
    bearer.setSession([...visitor.cookies().values()][0] ?? "");

    const response = await bearer.mutate("auth.callback", { state, code: "x" });

    expect(response.error?.data.authCode).toBe("browser_mismatch");
    expect(countRows(site.server.databasePath)).toEqual(rows);
  });
});

describe("fifty abandoned sign-ins", () => {
  it("[F10] leave the 30 newest flow cookies, even if all start in the same second", async () => {
    const visitor = site.createVisitor();
    const names: string[] = [];
    for (let start = 0; start < 50; start += 1) {
      const { headers } = await visitor.mutate("auth.login", {});
      const [name = ""] = (headers.getSetCookie().at(-1) ?? "").split("=");
      names.push(name);
    }

    const kept = [...visitor.cookies().keys()];

    expect(new Set(names).size).toBe(50);
    expect(kept.toSorted()).toEqual(names.slice(-30).toSorted());
  });

  it("[F9] leave cookies that fit into a request", async () => {
    const visitor = site.createVisitor();
    const statuses: number[] = [];
    for (let start = 0; start < 50; start += 1)
      statuses.push((await visitor.mutate("auth.login", {})).status);

    const header = [...visitor.cookies()]
      .map(([name, value]) => `${name}=${value}`)
      .join("; ");

    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(header.length).toBeLessThan(4000);
    expect((await visitor.query("auth.me")).status).toBe(200);
  });
});

describe("an authorization code of another user's sign-in", () => {
  it("[F11] is refused in the attacker's flow by PKCE, and starts no session (RFC 9700 4.5)", async () => {
    const [attacker, victim] = [site.createVisitor(), site.createVisitor()];
    const stolen = await victim.reachCallback(ada.upn);
    const own = await attacker.reachCallback(ben.upn);

    const injected = await attacker.mutate("auth.callback", {
      ...own,
      code: stolen["code"],
    });

    expect(injected.error?.data.authCode).toBe("code_rejected");
    expect((await attacker.query("auth.me")).data).toBeNull();
  });

  it("[F5] does not sign in a victim who opens the attacker's callback (login CSRF, RFC 9700 4.7)", async () => {
    const [attacker, victim] = [site.createVisitor(), site.createVisitor()];
    const query = await attacker.reachCallback(ben.upn);
    await victim.mutate("auth.login", {});
    const { session } = countRows(site.server.databasePath);

    const response = await victim.mutate("auth.callback", query);

    expect(response.error?.data.authCode).toBe("browser_mismatch");
    expect((await victim.query("auth.me")).data).toBeNull();
    expect(countRows(site.server.databasePath).session).toBe(session);
  });
});

describe("forwarded headers and Host", () => {
  it("[R15] determine neither URLs nor cookies", async () => {
    const forwarded = {
      "x-forwarded-host": "evil.test",
      "x-forwarded-proto": "https",
      "x-forwarded-port": "443",
      "x-forwarded-prefix": "/evil",
      "x-original-host": "evil.test",
      forwarded: "for=1.1.1.1;host=evil.test;proto=https",
    };
    const visitor = site.createVisitor({ headers: forwarded });

    const login = await visitor.mutate("auth.login", {});
    const callback = await visitor.signIn(ada.upn);
    const logout = await visitor.mutate("auth.logout");

    const texts = [login.text, callback.text, logout.text].join();
    expect(texts).not.toMatch(/evil/);
    expect(
      new URL(login.data.authorizationUrl).searchParams.get("redirect_uri"),
    ).toBe(`${site.origin}/auth/callback`);
    expect(callback.data.returnUrl).toBe(`${site.origin}/`);
    for (const { headers } of [login, callback, logout])
      for (const cookie of headers.getSetCookie()) {
        expect(cookie).not.toMatch(/Secure|Domain|__Host|evil/);
        expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
      }
  });
});
