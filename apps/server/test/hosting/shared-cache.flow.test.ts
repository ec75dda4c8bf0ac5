import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServerProcess } from "../support/processes.js";
import type { ServerProcess } from "../support/processes.js";
import { startSharedCache } from "../support/shared-cache.js";
import type { SharedCache } from "../support/shared-cache.js";
import { createVisitor } from "../support/visitor.js";
import type { Visitor } from "../support/visitor.js";

const { ada, ben } = builtInPeople;

let emulator: EntraEmulator;
let cache: SharedCache;
let server: ServerProcess;

beforeAll(async () => {
  emulator = await startEntraEmulator();
  cache = await startSharedCache();
  server = await startServerProcess({
    authority: emulator.origin,
    environment: { APP_URL: cache.origin },
  });
  cache.serve(server.origin);
});

afterAll(async () => {
  await server?.stop();
  await cache?.stop();
  await emulator?.close();
});

async function askText(visitor: Visitor, path: string): Promise<string> {
  const response = await visitor.browser.fetch(`${cache.origin}${path}`, {
    headers: { "x-csrf": "1" },
  });
  return response.text();
}

describe("a shared cache in front of the server", () => {
  it("[K7] never serves one user's response to another user or to a visitor", async () => {
    const [adas, bens, signedOut] = [
      createVisitor(cache.origin),
      createVisitor(cache.origin),
      createVisitor(cache.origin),
    ];
    await adas.signIn(ada.upn);
    await bens.signIn(ben.upn);
    const paths = [
      "/trpc/auth.me",
      "/trpc/auth.me?batch=1",
      "/trpc/auth.me,workspace.greeting?batch=1",
      "/trpc/auth.sessions.list",
      "/trpc/workspace.greeting",
      "/trpc/workspace.adminNotice",
      "/trpc/admin.users.list",
      "/trpc/admin.events.list",
      "/trpc/auth.login",
      "/trpc/auth.nothing",
      "/",
      "/account",
      "/auth/callback?code=a&state=b",
      "/auth/front-channel-logout?sid=unknown",
    ];

    for (const path of paths) {
      const [adasText, bensText, signedOutText] = [
        await askText(adas, path),
        await askText(bens, path),
        await askText(signedOut, path),
      ];
      expect(bensText, path).not.toContain(ada.home.objectId);
      expect(bensText, path).not.toContain(ada.name);
      for (const { name, home } of [ada, ben]) {
        expect(signedOutText, path).not.toContain(name);
        expect(signedOutText, path).not.toContain(home.objectId);
      }
      if (path === "/trpc/auth.me") {
        expect(adasText).toContain(ada.home.objectId);
        expect(bensText).toContain(ben.home.objectId);
      }
    }
    expect(
      cache.storedPaths().filter((path) => !path.startsWith("/assets/")),
    ).toEqual([]);
  });

  it("[K7] never passes one browser's cookies to another browser", async () => {
    const [one, other] = [
      createVisitor(cache.origin),
      createVisitor(cache.origin),
    ];

    const responses = [
      await one.mutate("auth.login", {}),
      await other.mutate("auth.login", {}),
    ];
    const callback = await one.signIn(ada.upn);

    const cookies = responses.map(({ headers }) =>
      headers.getSetCookie().join(),
    );
    expect(new Set(cookies).size).toBe(2);
    expect(callback.headers.get("cache-control")).toBe("no-store");
    expect((await other.query("auth.me")).data).toBeNull();
  });

  it("[K7] does not serve a session after its sign-out", async () => {
    const visitor = createVisitor(cache.origin);
    await visitor.signIn(ada.upn);
    await visitor.query("auth.me");
    const session = visitor.session() ?? "";

    await visitor.mutate("auth.logout");

    visitor.setSession(session);
    expect((await visitor.query("auth.me")).data).toBeNull();
  });

  it("stores public assets", async () => {
    const page = await askText(createVisitor(cache.origin), "/");
    const [, script = ""] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
    const hits = cache.countHits();

    await askText(createVisitor(cache.origin), script);
    await askText(createVisitor(cache.origin), script);

    expect(cache.storedPaths()).toContain(script);
    expect(cache.countHits()).toBe(hits + 1);
  });
});
