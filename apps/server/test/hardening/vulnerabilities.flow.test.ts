import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countRows } from "../support/database-file.js";
import { passProvider } from "../support/provider/provider-pages.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import { readQuery } from "../support/visitor.js";
import type { Visitor } from "../support/visitor.js";

// What went wrong elsewhere. Each rule names the advisory that it would have prevented.

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

/** Returns whom a session cookie signs in, by two ways. */
async function findSignedIn(value: string): Promise<readonly unknown[]> {
  const visitor = site.createVisitor();
  visitor.setSession(value);
  const me = await visitor.query("auth.me");
  const greeting = await visitor.query("workspace.greeting");
  return [me.data, greeting.error?.data.authCode];
}

const nobody = [null, "not_signed_in"];

describe("a session that was planted in the browser (CVE-2021-41246)", () => {
  it("[S2][V3] is never the one that a sign-in continues: the attacker's own live session", async () => {
    const [attacker, victim] = [site.createVisitor(), site.createVisitor()];
    await attacker.signIn(ben.upn);
    const planted = readSessionCookie(attacker);
    victim.setSession(planted);

    await victim.signIn(ada.upn);

    const [plantedId, plantedSecret] = planted.split(".");
    const [id, secret] = readSessionCookie(victim).split(".");
    expect(id).not.toBe(plantedId);
    expect(secret).not.toBe(plantedSecret);
    expect(await findSignedIn(planted)).toEqual(nobody);
    expect((await victim.query("auth.me")).data?.user.objectId).toBe(
      ada.home.objectId,
    );
  });

  it("[S3] stays what it was until a sign-in has succeeded, and is never raised by one that fails", async () => {
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

describe("what a sign-in under way has given out (CVE-2023-48309)", () => {
  it("[S4][V4] is nothing in the session cookie: flow cookie, state, nonce, challenge, code, alone or behind an ID", async () => {
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
        expect(await findSignedIn(cookie), cookie).toEqual(nobody);

    expect(flowCookies).toHaveLength(1);
    expect(values.every((value) => value.length > 20)).toBe(true);
  });

  it("[V4] is nothing under the session's name either: a flow cookie does not complete another one's callback as a session", async () => {
    const visitor = site.createVisitor();
    const { state } = await visitor.reachCallback(ada.upn);
    const rows = countRows(site.server.databasePath);
    const bearer = site.createVisitor();
    bearer.setSession([...visitor.cookies().values()][0] ?? "");

    const answer = await bearer.mutate("auth.callback", { state, code: "x" });

    expect(answer.error?.data.authCode).toBe("browser_mismatch");
    expect(countRows(site.server.databasePath)).toEqual(rows);
  });
});

describe("fifty abandoned starts", () => {
  it("[F10] leave the 30 newest flow cookies, even when all were started in one second: the oldest go", async () => {
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

  it("[F9] are never too much to send: no answer is 431, whatever the browser sends back", async () => {
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

describe("a code of another person's sign-in", () => {
  it("[F11] is refused in the victim's own flow, by PKCE, and starts no session (RFC 9700 4.5)", async () => {
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

  it("[F5] does not sign a victim in as the attacker, whose callback they are led to (login CSRF, RFC 9700 4.7)", async () => {
    const [attacker, victim] = [site.createVisitor(), site.createVisitor()];
    const query = await attacker.reachCallback(ben.upn);
    await victim.mutate("auth.login", {});
    const { session } = countRows(site.server.databasePath);

    const answer = await victim.mutate("auth.callback", query);

    expect(answer.error?.data.authCode).toBe("browser_mismatch");
    expect((await victim.query("auth.me")).data).toBeNull();
    expect(countRows(site.server.databasePath).session).toBe(session);
  });
});

describe("forwarded headers and Host", () => {
  it("[R15] decide neither URL nor cookie, wherever they come from", async () => {
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
