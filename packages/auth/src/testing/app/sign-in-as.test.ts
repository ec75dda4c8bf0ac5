import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initTRPC } from "@trpc/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Auth } from "../../core/auth.js";
import { authPartsKey } from "../../core/auth-parts.js";
import type { CompletedSignIn } from "../../core/options.js";
import { createAuthFromEnvironment } from "../../environment/create-auth-from-environment.js";
import { createAuthHandler } from "../../http/handler/auth-handler.js";
import { createAdministrationProcedures } from "../../trpc/administration-procedures.js";
import { createAuthProcedures } from "../../trpc/auth-procedures.js";
import type { AuthContext } from "../../trpc/auth-procedures.js";
import { testPeople, testTenants } from "../provider/test-people.js";
import { signIn } from "../sign-in.js";
import { brand } from "../store-samples.js";
import { createTestAuth } from "../test-auth.js";
import { createTestClock } from "../test-clock.js";
import { signInAs } from "./sign-in-as.js";

const t = initTRPC.context<AuthContext>().create();
const { signedIn } = createAuthProcedures();
const createCaller = t.createCallerFactory(
  t.router({
    admin: createAdministrationProcedures({ role: "Admin" }),
    greeting: t.procedure.concat(signedIn).query(({ ctx }) => ctx.user.name),
  }),
);

/** Returns the value of the session cookie. */
function readCookie({
  cookies,
}: Pick<Awaited<ReturnType<typeof signInAs>>, "cookies">): string | undefined {
  return cookies[0]?.value;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("signInAs", () => {
  it("stores the user and starts a session that the application accepts", async () => {
    const { auth } = createTestAuth();

    const ada = await signInAs(auth, {
      name: "Ada",
      email: "ada@contoso.test",
      tenantId: testTenants.contoso,
      objectId: testPeople.ada.objectId,
      roles: ["Admin"],
      groups: ["mathematicians"],
    });
    const active = await auth.readSession(readCookie(ada));

    expect(active).toEqual({ user: ada.user, session: ada.session });
    expect(ada.user).toMatchObject({
      name: "Ada",
      email: "ada@contoso.test",
      preferredUsername: "ada@contoso.test",
      tenantId: testTenants.contoso,
      objectId: testPeople.ada.objectId,
      roles: ["Admin"],
      groups: ["mathematicians"],
    });
  });

  it("signs in the same user for the same object ID, and a new user without one", async () => {
    const { auth } = createTestAuth();
    const { objectId } = testPeople.ada;

    const first = await signInAs(auth, { objectId, roles: ["Admin"] });
    const again = await signInAs(auth, { objectId });
    const other = await signInAs(auth);

    expect(again.user.id).toBe(first.user.id);
    expect(again.session.id).not.toBe(first.session.id);
    expect(again.user.roles).toEqual([]);
    expect(other.user.id).not.toBe(first.user.id);
  });

  it("signs in the user whom a sign-in at the identity provider created", async () => {
    const test = createTestAuth();
    const { user } = await signIn(test, { person: testPeople.ada });

    const ada = await signInAs(test.auth, testPeople.ada);

    expect(ada.user.id).toBe(user.id);
    expect(ada.user.createdAt).toBe(user.createdAt);
  });

  it.each(["login", "logout"])(
    "returns headers with which POST /auth/%s is accepted",
    async (route) => {
      const { auth } = createTestAuth({ sameSite: "lax" });
      const ada = await signInAs(auth);
      const handle = createAuthHandler({ auth });

      const response = await handle(
        new Request(`https://app.test/auth/${route}`, {
          method: "POST",
          headers: ada.headers,
          body: new URLSearchParams(),
        }),
      );

      const active = await auth.readSession(readCookie(ada));
      expect(response?.status).toBeLessThan(400);
      expect(active === undefined).toBe(route === "logout");
    },
  );

  it("returns the request of a caller of the tRPC router, and another one at each read", async () => {
    const { auth } = createTestAuth();
    const ada = await signInAs(auth, { name: "Ada", roles: ["Admin"] });
    const ben = await signInAs(auth, { name: "Ben" });
    const call = (session: typeof ada) =>
      createCaller({ auth: session.requestAuth });

    await expect(call(ben).greeting()).resolves.toBe("Ben");
    await expect(call(ben).admin.users.list({})).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    await call(ada).admin.users.disable({ userId: ben.user.id });
    await expect(call(ben).greeting()).rejects.toMatchObject({
      code: "UNAUTHORIZED",
    });
  });

  it.each([
    [
      "https://app.test",
      "strict",
      { name: "__Host-Http-session", secure: true, sameSite: "Strict" },
    ],
    [
      "http://localhost:3000",
      "lax",
      { name: "session-3000", secure: false, sameSite: "Lax" },
    ],
  ] as const)(
    "returns the cookie of an application at %s for Playwright",
    async (appUrl, sameSite, expected) => {
      const { auth } = createTestAuth({ appUrl, sameSite });

      const { cookies, headers } = await signInAs(auth);

      expect(cookies).toEqual([
        { ...expected, value: expect.any(String), url: appUrl, httpOnly: true },
      ]);
      expect(headers["cookie"]).toBe(`${expected.name}=${cookies[0]?.value}`);
    },
  );

  it("calls onSignedIn as a sign-in does, and not onSignIn", async () => {
    const signIns: CompletedSignIn[] = [];
    const onSignIn = vi.fn<() => undefined>();
    const { auth } = createTestAuth({
      onSignIn,
      onSignedIn: (completed) => signIns.push(completed),
    });

    const ada = await signInAs(auth, { objectId: testPeople.ada.objectId });
    await signInAs(auth, { objectId: testPeople.ada.objectId });

    expect(signIns.map(({ isNewUser }) => isNewUser)).toEqual([true, false]);
    expect(signIns[0]).toMatchObject({
      user: { id: ada.user.id },
      idTokenClaims: { oid: testPeople.ada.objectId, name: ada.user.name },
      hasGroupOverage: false,
    });
    expect(onSignIn).not.toHaveBeenCalled();
  });

  it("ends the session if onSignedIn throws", async () => {
    const signIns: CompletedSignIn[] = [];
    const { auth, stores, clock } = createTestAuth({
      onSignedIn: (completed) => {
        signIns.push(completed);
        throw new Error("The row cannot be stored.");
      },
    });

    await expect(signInAs(auth)).rejects.toThrow("The row cannot be stored.");

    const [{ user } = {}] = signIns;
    const sessions = await stores.sessionStore.list(
      brand(user?.id ?? ""),
      clock.now(),
      10,
    );
    expect(user).toBeDefined();
    expect(sessions).toEqual([]);
  });

  it("refuses a disabled user", async () => {
    const { auth } = createTestAuth();
    const ada = await signInAs(auth, { roles: ["Admin"] });
    const ben = await signInAs(auth, { objectId: testPeople.ben.objectId });
    await auth.administration.disableUser(ada, ben.user.id);

    await expect(
      signInAs(auth, { objectId: testPeople.ben.objectId }),
    ).rejects.toMatchObject({ code: "user_disabled" });
  });

  it("refuses to run in production", async () => {
    const { auth } = createTestAuth();
    vi.stubEnv("NODE_ENV", "production");

    await expect(signInAs(auth)).rejects.toThrow("NODE_ENV=production");
  });

  it("refuses an Auth that createAuth did not create", async () => {
    const { auth } = createTestAuth();
    const copy: Auth = { ...auth };
    Reflect.deleteProperty(copy, authPartsKey);

    await expect(signInAs(copy)).rejects.toThrow(TypeError);
  });
});

describe("signInAs with createAuthFromEnvironment", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "entrada-sign-in-as-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("opens the database that the server of the application uses", async () => {
    const env = { DATABASE_URL: `file:${join(folder, "app.db")}` };
    const inTest = createAuthFromEnvironment({ env });
    // Other settings of the database, so that it is opened a second time.
    const inServer = createAuthFromEnvironment({
      env: { ...env, DATABASE_POOL_SIZE: "1" },
    });

    const ada = await signInAs(inTest, { name: "Ada", roles: ["Admin"] });
    const active = await inServer.readSession(readCookie(ada));
    await Promise.all([inTest.close(), inServer.close()]);

    expect(active).toEqual({ user: ada.user, session: ada.session });
  });

  it("rejects with the variables that are wrong", async () => {
    const auth = createAuthFromEnvironment({ env: { ENTRA_TENANT: "" } });

    await expect(signInAs(auth)).rejects.toThrow("ENTRA_TENANT");
  });

  it("uses the clock of the test, so that the test can let the session expire", async () => {
    const clock = createTestClock();
    const auth = createAuthFromEnvironment({
      env: { DATABASE_URL: `file:${join(folder, "app.db")}` },
      now: clock.now,
    });

    const ada = await signInAs(auth);
    clock.advance(3599);
    const before = await auth.readSession(readCookie(ada));
    clock.advance(3601);
    const after = await auth.readSession(readCookie(ada));
    await auth.close();

    expect(ada.session.createdAt).toBe("2026-03-01T09:00:00.000Z");
    expect(before?.user).toEqual(ada.user);
    expect(after).toBeUndefined();
  });
});
