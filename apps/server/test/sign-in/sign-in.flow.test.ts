import {
  builtInPeople,
  builtInTenants,
  startEntraEmulator,
} from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countRows, withDatabase } from "../support/database-file.js";
import { passProvider } from "../support/provider/provider-pages.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import { createVisitor } from "../support/visitor.js";

const { ada, ben, grace, nora, max, pia, adasDouble, dan, uma, cleo } =
  builtInPeople;
const { contoso, fabrikam, consumers } = builtInTenants;
const second = 1000;

let emulator: EntraEmulator;
let site: Site;

beforeAll(async () => {
  emulator = await startEntraEmulator();
  site = await startSite({ emulator });
});

afterAll(async () => {
  await site?.stop();
  await emulator?.close();
});

describe("signing in", () => {
  it("makes auth.me return null before, the user after it, and null again after signing out", async () => {
    const visitor = site.createVisitor();

    const before = await visitor.query("auth.me");
    const { user } = (await visitor.signIn(ada.upn)).data;
    const during = await visitor.query("auth.me");
    const greeting = await visitor.query("workspace.greeting");
    await visitor.mutate("auth.logout");
    const after = await visitor.query("auth.me");

    expect(before).toMatchObject({ status: 200, data: null });
    expect(during.data?.user).toEqual(user);
    expect(greeting.data.message).toContain(ada.name);
    expect(after).toMatchObject({ status: 200, data: null });
  });

  it("returns exactly the members of the contract", async () => {
    const visitor = site.createVisitor();
    const login = await visitor.mutate("auth.login", {});
    const callback = await visitor.signIn(ada.upn);
    const me = await visitor.query("auth.me");
    const logout = await visitor.mutate("auth.logout");

    expect(Object.keys(login.data)).toEqual(["authorizationUrl"]);
    expect(Object.keys(callback.data)).toEqual([
      "user",
      "isNewUser",
      "returnUrl",
    ]);
    expect(callback.data.user).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/),
      tenantId: contoso.tenantId,
      objectId: ada.home.objectId,
      name: ada.name,
      preferredUsername: ada.upn,
      email: ada.email,
      roles: ["Admin"],
      groups: ada.home.groups,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/),
      lastSignInAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/),
    });
    expect(Object.keys(me.data ?? {})).toEqual(["user", "session"]);
    expect(Object.keys(me.data?.session ?? {})).toEqual([
      "id",
      "createdAt",
      "idleExpiresAt",
      "expiresAt",
    ]);
    expect(Object.keys(logout.data)).toEqual(["logoutUrl"]);
  });

  it("[F2] sends the visitor to the authority with code, PKCE S256, and a state and nonce of 256 bits", async () => {
    const login = await site.createVisitor().mutate("auth.login", {
      loginHint: ada.upn,
      domainHint: "contoso.com",
      prompt: "login",
    });

    const url = new URL(login.data.authorizationUrl);
    const parameters = Object.fromEntries(url.searchParams);
    expect(url.origin).toBe(emulator.origin);
    expect(parameters).toMatchObject({
      response_type: "code",
      response_mode: "query",
      redirect_uri: `${site.origin}/auth/callback`,
      code_challenge_method: "S256",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      login_hint: ada.upn,
      domain_hint: "contoso.com",
      prompt: "login",
    });
    expect(parameters["scope"]?.split(" ").toSorted()).toEqual([
      "openid",
      "profile",
    ]);
  });

  it("returns the session ID from the cookie, and the timeouts", async () => {
    const visitor = site.createVisitor();
    await visitor.signIn(ben.upn);

    const me = (await visitor.query("auth.me")).data;

    expect(visitor.session()?.split(".")[0]).toBe(me?.session.id);
    const [createdAt = 0, idleExpiresAt = 0, expiresAt = 0] = [
      me?.session.createdAt,
      me?.session.idleExpiresAt,
      me?.session.expiresAt,
    ].map((instant) => Date.parse(instant ?? ""));
    expect(idleExpiresAt - createdAt).toBe(3600 * second);
    expect(expiresAt - createdAt).toBe(86_400 * second);
  });

  it("[U1] stores one user for each person, who is new at the first sign-in only, with the latest profile", async () => {
    const visitor = site.createVisitor();
    emulator.control.putPerson({ ...cleo, ...movedPerson("Mia Before") });
    const first = (await visitor.signIn("mia@contoso.com")).data;
    emulator.control.putPerson({ ...cleo, ...movedPerson("Mia After") });

    const other = (await site.createVisitor().signIn("mia@contoso.com")).data;

    expect([first.isNewUser, other.isNewUser]).toEqual([true, false]);
    expect(other.user).toMatchObject({
      id: first.user.id,
      name: "Mia After",
      createdAt: first.user.createdAt,
    });
    expect(Date.parse(other.user.lastSignInAt)).toBeGreaterThan(
      Date.parse(first.user.lastSignInAt),
    );
  });

  it("[S1][V3] starts a new session each time and ends the browser's previous one", async () => {
    const visitor = site.createVisitor();
    await visitor.signIn(ada.upn);
    const old = visitor.session() ?? "";

    await visitor.signIn(ada.upn);

    const replay = site.createVisitor();
    replay.setSession(old);
    expect(visitor.session()).not.toBe(old);
    expect((await replay.query("auth.me")).data).toBeNull();
    expect((await visitor.query("auth.me")).data).not.toBeNull();
  });

  it("[S2] never accepts a session ID that the browser sent", async () => {
    const visitor = site.createVisitor();
    const fixed = `${"a".repeat(22)}.${"b".repeat(43)}`;
    visitor.setSession(fixed);

    await visitor.signIn(ada.upn);

    expect(visitor.session()).not.toBe(fixed);
    expect(visitor.session()).not.toContain("a".repeat(22));
  });

  it.each(["idle_expires_at", "expires_at"])(
    "is ended by the server after %s",
    async (column) => {
      const visitor = site.createVisitor();
      await visitor.signIn(ada.upn);
      const [id] = (visitor.session() ?? "").split(".");

      withDatabase(site.server.databasePath, (database) =>
        database
          .prepare(`UPDATE auth_session SET ${column} = ? WHERE id = ?`)
          .run(Date.now() - 1, id),
      );

      expect((await visitor.query("auth.me")).data).toBeNull();
      expect((await visitor.query("workspace.greeting")).status).toBe(401);
    },
  );

  it("[S7] requires a complete session token in the cookie", async () => {
    const visitor = site.createVisitor();
    await visitor.mutate("auth.login", {});
    const flowValue = [...visitor.cookies().values()][0] ?? "";
    await visitor.signIn(ada.upn);
    const [id = "", secret = ""] = (visitor.session() ?? "").split(".");

    const forgeries = [
      id,
      `${id}.`,
      `.${secret}`,
      `${id}.${"A".repeat(43)}`,
      `${"A".repeat(22)}.${secret}`,
      `${id}.${secret}x`,
      `${id}.${secret.toLowerCase()}`,
      `${id}.${flowValue.split(".")[0]}`,
      flowValue,
      "",
      "null",
      "%00",
    ];
    for (const forgery of forgeries) {
      const visitorWithForgery = site.createVisitor();
      visitorWithForgery.setSession(forgery);
      expect(await visitorWithForgery.query("auth.me"), forgery).toMatchObject({
        status: 200,
        data: null,
      });
      expect(
        (await visitorWithForgery.query("workspace.greeting")).error?.data
          .authCode,
      ).toBe("not_signed_in");
    }
  });
});

describe("users of the directory", () => {
  it("have access to the administrator's procedure only with the role", async () => {
    const [administrator, member] = [
      site.createVisitor(),
      site.createVisitor(),
    ];
    await administrator.signIn(ada.upn);
    await member.signIn(ben.upn);

    const granted = await administrator.query("workspace.adminNotice");
    const refused = await member.query("workspace.adminNotice");
    const unknown = await site.createVisitor().query("workspace.adminNotice");

    expect(granted.data.message).toContain(ada.name);
    expect(refused).toMatchObject({
      status: 403,
      error: { data: { authCode: "role_required" } },
    });
    expect(unknown).toMatchObject({
      status: 401,
      error: { data: { authCode: "not_signed_in" } },
    });
  });

  it("[V2] with the same email address are two users, and only the verified address is returned", async () => {
    const original = (await site.createVisitor().signIn(ada.upn)).data.user;
    const double = (await site.createVisitor().signIn(adasDouble.upn)).data
      .user;

    expect(double.id).not.toBe(original.id);
    expect(double.tenantId).toBe(fabrikam.tenantId);
    expect([original.email, double.email]).toEqual([ada.email, null]);
  });

  it("are asked for consent and are signed in when they grant it", async () => {
    emulator.control.revokeConsent(nora.upn);
    const visitor = site.createVisitor();

    const { user } = (await visitor.signIn(nora.upn)).data;

    expect(user.objectId).toBe(nora.home.objectId);
  });

  it("have no groups if these do not fit into a token", async () => {
    const { user } = (await site.createVisitor().signIn(max.upn)).data;

    expect(user.groups).toEqual([]);
  });

  it.each([
    { person: dan, finding: "AADSTS50057" },
    { person: uma, finding: "AADSTS50105" },
    { person: pia, finding: "AADSTS50020" },
  ])(
    "do not return from the identity provider with a code: $person.upn",
    async ({ person, finding }) => {
      const visitor = site.createVisitor();
      const rows = countRows(site.server.databasePath);
      const login = await visitor.mutate("auth.login", {});

      const visit = await passProvider(
        visitor.browser,
        login.data.authorizationUrl,
        person.upn,
      );

      expect(`${visit.location ?? ""} ${visit.page}`).toContain(finding);
      expect(visit.location ?? "").not.toContain("code=");
      expect((await visitor.query("auth.me")).data).toBeNull();
      expect(countRows(site.server.databasePath)).toMatchObject({
        user: rows.user,
        session: rows.session,
      });
    },
  );
});

describe("the tenants that may sign in", () => {
  it("signs personal accounts in on common and on consumers", async () => {
    for (const tenant of ["common", "consumers"]) {
      const other = await startSite({
        emulator,
        environment: { ENTRA_TENANT: tenant },
      });
      try {
        const { user } = (await other.createVisitor().signIn(pia.upn)).data;

        expect(user.tenantId, tenant).toBe(consumers.tenantId);
      } finally {
        await other.stop();
      }
    }
  });

  it("refuses a personal account's ID token on organizations, even if the provider issues it", async () => {
    const remove = emulator.control.setFault({
      type: "id_token_claims",
      set: {
        tid: consumers.tenantId,
        iss: `${emulator.origin}/${consumers.tenantId}/v2.0`,
      },
    });
    const response = await site.createVisitor().signIn(ben.upn);
    remove();

    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(["tenant_not_allowed", "id_token_invalid"]).toContain(
      response.error?.data.authCode,
    );
    expect(response.headers.getSetCookie().join()).not.toContain("session-");
  });

  it("[E4] identifies a guest by the visited tenant, and refuses users of other tenants", async () => {
    const contosoOnly = await startSite({
      emulator,
      environment: { ENTRA_TENANT: contoso.tenantId },
    });
    try {
      const guest = (await contosoOnly.createVisitor().signIn(grace.upn)).data
        .user;

      expect(guest).toMatchObject({
        tenantId: contoso.tenantId,
        objectId: grace.guestIn?.[0]?.objectId,
        name: grace.name,
      });
      await expect(
        contosoOnly.createVisitor().signIn(adasDouble.upn),
      ).rejects.toThrow(/kept the visitor/);
    } finally {
      await contosoOnly.stop();
    }
  });

  it("refuses users of organisations that ENTRA_ALLOWED_TENANTS does not name", async () => {
    const restricted = await startSite({
      emulator,
      environment: { ENTRA_ALLOWED_TENANTS: contoso.tenantId },
    });
    try {
      const visitor = restricted.createVisitor();

      const refused = await visitor.signIn(grace.upn);

      expect(refused).toMatchObject({
        status: 403,
        error: { data: { authCode: "tenant_not_allowed" } },
      });
      expect(countRows(restricted.server.databasePath)).toMatchObject({
        user: 0,
        session: 0,
      });
      await restricted.createVisitor().signIn(ada.upn);
    } finally {
      await restricted.stop();
    }
  });
});

describe("the return URL", () => {
  it.each([
    ["/workspace?x=1&y=%2F#part", "/workspace?x=1&y=%2F#part"],
    ["workspace", "/workspace"],
    ["?only=query", "/?only=query"],
    ["/a/../b", "/b"],
    ["/caf\u00e9", "/caf%C3%A9"],
  ])("is returned in absolute form: %j", async (returnUrl, path) => {
    const response = await site.createVisitor().signIn(ada.upn, { returnUrl });

    expect(response.data.returnUrl).toBe(`${site.origin}${path}`);
  });

  it("[F21] is always on the app's origin, and never an error", async () => {
    const visitor = site.createVisitor();
    const host = new URL(site.origin).host;
    const corpus = [
      "//evil.test",
      "///evil.test",
      "/\\evil.test",
      "\\\\evil.test",
      "/\t/evil.test",
      "/\n/evil.test",
      "\t//evil.test",
      " //evil.test",
      "/.//evil.test",
      "/..//evil.test",
      "/%2f%2fevil.test",
      "/%5cevil.test",
      "https://evil.test",
      "HTTPS://EVIL.TEST/",
      "https:evil.test",
      "https:/evil.test",
      "https:\\\\evil.test",
      "http:///evil.test",
      "javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      "java\nscript:alert(1)",
      "data:text/html,x",
      "blob:https://evil.test/1",
      "file:///etc/passwd",
      "ftp://evil.test",
      `http://${host}@evil.test/`,
      `http://evil.test@${host}/`,
      `http://user:password@${host}/`,
      `http://${host}.evil.test/`,
      `http://${host}:80@evil.test`,
      "http://localhost:1/",
      `https://${host}/`,
      "//\u3002evil.test",
      "https://evil\u3002test",
      "/\u2028/evil.test",
      "\u0000//evil.test",
      "http://[::1",
      "http://%65vil.test",
      "/auth/callback?code=stolen&state=stolen",
      "/AUTH/callback",
      "//auth/callback",
      "/x?state=1&redirect_uri=https://evil.test&client_id=other",
      "&redirect_uri=https://evil.test",
      `/${"a".repeat(4000)}`,
    ];
    for (const returnUrl of corpus) {
      const response = await visitor.signIn(ada.upn, { returnUrl });
      const { href, origin, pathname } = new URL(response.data.returnUrl);

      expect(response.data.returnUrl, returnUrl).toBe(href);
      expect(origin, returnUrl).toBe(site.origin);
      expect(pathname.toLowerCase(), returnUrl).not.toMatch(/^\/+auth(\/|$)/);
    }
  });

  it("[F23] cannot add parameters to the authorization request", async () => {
    const visitor = site.createVisitor();
    const plain = await visitor.mutate("auth.login", { returnUrl: "/" });

    const crafted = await visitor.mutate("auth.login", {
      returnUrl: "/x&redirect_uri=https://evil.test&client_id=other#&scope=all",
    });

    expect(crafted.data.authorizationUrl).not.toContain("evil.test");
    expect(listNames(crafted.data.authorizationUrl)).toEqual(
      listNames(plain.data.authorizationUrl),
    );
  });
});

describe("the cookies", () => {
  it("[K2] are HttpOnly, SameSite=Strict and valid for the whole host for an app on localhost", async () => {
    const visitor = site.createVisitor();
    const login = await visitor.mutate("auth.login", {});
    const flowNames = [...visitor.cookies().keys()];
    const callback = await visitor.signIn(ada.upn);
    const logout = await visitor.mutate("auth.logout");

    expect(login.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^flow-\d+\.[\w-]{22}=[\w-]{43}\.\d+; Max-Age=600; Path=\/; HttpOnly; SameSite=Strict$/,
      ),
    ]);
    expect(callback.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^flow-\d+\.[\w-]{22}=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/,
      ),
      expect.stringMatching(
        /^session-\d+=[\w-]{22}\.[\w-]{43}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Strict$/,
      ),
    ]);
    expect(logout.headers.getSetCookie()).toEqual([
      `${visitor.names.session}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict`,
      ...flowNames.map(
        (name) => `${name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict`,
      ),
    ]);
    expect(logout.headers.get("clear-site-data")).toBe('"storage"');
  });

  it("[K1][K4] are Secure and have the __Host-Http- prefix for an https app behind a proxy", async () => {
    const appUrl = "https://app.example.test";
    const clientId = "00000000-0000-4000-8000-0000000000a1";
    emulator.addApp({
      clientId,
      clientSecret: "secret of the https app",
      redirectUris: [`${appUrl}/auth/callback`, `${appUrl}/`],
    });
    const proxied = await startSite({
      emulator,
      environment: {
        APP_URL: appUrl,
        ENTRA_CLIENT_ID: clientId,
        ENTRA_CLIENT_SECRET: "secret of the https app",
      },
    });
    try {
      const visitor = createVisitor(appUrl, {
        proxies: { [appUrl]: proxied.origin },
      });

      const login = await visitor.mutate("auth.login", {});
      const callback = await visitor.signIn(ada.upn);
      const me = await visitor.query("auth.me");

      expect(login.headers.getSetCookie()).toEqual([
        expect.stringMatching(
          /^__Host-Http-flow\.[\w-]{22}=[\w-]{43}\.\d+; Max-Age=600; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
        ),
      ]);
      expect(callback.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^__Host-Http-flow\.[\w-]{22}=; Max-Age=0; /),
        expect.stringMatching(
          /^__Host-Http-session=[\w-]{22}\.[\w-]{43}; Max-Age=86400; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
        ),
      ]);
      expect(callback.data.returnUrl).toBe(`${appUrl}/`);
      expect(me.data?.user.objectId).toBe(ada.home.objectId);
      expect(me.headers.get("strict-transport-security")).toMatch(
        /^max-age=\d{8}/,
      );
      const plain = createVisitor(appUrl, {
        proxies: { [appUrl]: proxied.origin },
      });
      plain.browser.setCookie(appUrl, "session", visitor.session() ?? "");
      expect((await plain.query("auth.me")).data).toBeNull();
    } finally {
      await proxied.stop();
    }
  });
});

function listNames(url: string): readonly string[] {
  return [...new URL(url).searchParams.keys()];
}

/** Returns a person whose name the test changes. */
function movedPerson(name: string) {
  return {
    upn: "mia@contoso.com",
    name,
    home: {
      tenantId: contoso.tenantId,
      objectId: "01a00000-0000-4000-8000-0000000001a1",
    },
  };
}
