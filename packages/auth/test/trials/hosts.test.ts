import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "vitest";
import {
  byScript,
  noMetadata,
  openHostBrowser,
} from "../hosts/support/host-browser.js";
import type { HostBrowser } from "../hosts/support/host-browser.js";
import { createPackedApp, findFreePort, findPackage } from "./packed-app.js";
import type { PackedApp } from "./packed-app.js";

// Next is not installed in the workspace, because it is large.
const next = "next@16.4.6";
const guide = fileURLToPath(
  new URL("../../../../apps/docs/hosts.md", import.meta.url),
);
const { ada, ben } = builtInPeople;

/** What the tests of Next need besides the files of the guide. */
const furtherNextFiles = {
  "app/layout.jsx": `export default ({ children }) => <html lang="en"><body>{children}</body></html>;`,
  "app/admin/page.jsx": `import { requireSession } from "@entrada/auth/next";
    import { auth } from "../../auth.js";
    export default async () => <p>{(await requireSession(auth, { role: "Admin" })).user.name}</p>;`,
  "app/error.jsx": `"use client";
    export default ({ error }) => <p id="failure">{error.digest}</p>;`,
  "app/act/page.jsx": `import { redirect } from "next/navigation";
    import { requireSession } from "@entrada/auth/next";
    import { auth } from "../../auth.js";
    async function act() {
      "use server";
      const { user } = await requireSession(auth);
      redirect("/done?name=" + user.name.split(" ")[0]);
    }
    export default () => <form action={act}><button>Act</button></form>;`,
  // A server component: the entry for React is a client module.
  "app/client/page.jsx": `import { AuthProvider } from "@entrada/auth/react";
    export default () => <p>{typeof AuthProvider}</p>;`,
  "app/notes/route.js": `import { withSession } from "@entrada/auth/next";
    import { auth } from "../../auth.js";
    const handler = (request, { user, session }) => Response.json({ user, session });
    export const GET = withSession(auth, { role: "Admin" }, handler);
    export const POST = withSession(auth, {}, handler);`,
  "app/plain/route.js": `import { getSession } from "@entrada/auth/next";
    import { auth } from "../../auth.js";
    export const POST = async () => Response.json((await getSession(auth)) ?? null);`,
} as const;

let app: PackedApp;
let emulator: EntraEmulator;
let running: ChildProcess | undefined;
let browser: HostBrowser;
let origin: string;

beforeAll(async () => {
  emulator = await startEntraEmulator();
  app = await createPackedApp([
    "express",
    "fastify",
    "hono",
    "@hono/node-server",
    "drizzle-orm",
    "better-sqlite3",
    "react",
    "react-dom",
    next,
  ]);
  // Its native part is not compiled by the installation.
  await cp(
    join(findPackage("better-sqlite3"), "build"),
    join(app.folder, "node_modules/better-sqlite3/build"),
    { recursive: true },
  );
  for (const [file, source] of Object.entries(await readGuide()))
    await write(file, source);
}, 400_000);

afterAll(async () => {
  await stop();
  await app?.close();
  await emulator?.close();
});

describe("an app of the guide, outside the workspace,", () => {
  afterEach(async () => {
    await stop();
  });

  it.each(["express", "fastify", "hono"])(
    "signs in, guards and signs out with %s",
    async (host) => {
      await start(process.execPath, [`${host}/app.js`]);
      const steps = await visitGuardedPages();
      const refused = {
        script: await browser.send("GET", "/reports", { headers: byScript }),
        page: await browser.send("GET", "/reports?year=2026"),
      };
      await browser.signIn(ben.upn, "/reports");
      const admin = await browser.send("GET", "/admin", { headers: byScript });
      const foreign = await browser.send("POST", "/auth/logout", {
        headers: { "sec-fetch-site": "cross-site" },
      });

      expect(steps).toEqual({
        before: 200,
        callback: `${origin}/reports`,
        reports: 200,
        name: true,
        logout: 200,
      });
      expect(refused.script.status).toBe(401);
      expect(refused.page.status).toBe(303);
      expect(refused.page.headers.get("location")).toBe(
        "/auth/login?returnUrl=%2Freports%3Fyear%3D2026",
      );
      expect(admin.status).toBe(403);
      expect(JSON.parse(admin.text).error.authCode).toBe("role_required");
      expect(foreign.status).toBe(403);
    },
  );

  it("signs in and out with node", async () => {
    await start(process.execPath, ["node/app.js"]);

    await browser.signIn(ada.upn);
    const signedIn = await browser.send("GET", "/");
    await browser.send("POST", "/auth/logout");
    const signedOut = await browser.send("GET", "/");

    expect(JSON.parse(signedIn.text)).toEqual({ name: ada.name });
    expect(JSON.parse(signedOut.text)).toEqual({ name: null });
  });
});

describe("an app of the guide with Next", () => {
  beforeAll(async () => {
    await cp(join(app.folder, "auth.js"), join(app.folder, "next/auth.js"));
    for (const [file, source] of Object.entries(furtherNextFiles))
      await write(join("next", file), source);
  });

  it("is built without an environment, and opens no database", async () => {
    const folder = join(app.folder, "next");
    const child = spawn(process.execPath, [findNext(), "build"], {
      cwd: folder,
      env: { PATH: process.env["PATH"], NEXT_TELEMETRY_DISABLED: "1" },
      stdio: "inherit",
    });
    const [code]: readonly unknown[] = await once(child, "close");

    expect(code).toBe(0);
    expect(existsSync(join(folder, "data"))).toBe(false);
  }, 400_000);

  describe("in development", () => {
    beforeAll(async () => {
      const port = await findFreePort();
      await start(
        process.execPath,
        [findNext(), "dev", "-p", String(port), "-H", "localhost"],
        { port, folder: "next" },
      );
    }, 400_000);

    beforeEach(() => {
      browser = openHostBrowser(origin, emulator);
    });

    it("signs in, guards and signs out", async () => {
      const before = await browser.send("GET", "/reports");
      const steps = await visitGuardedPages();

      expect(before.status).toBe(307);
      expect(before.headers.get("location")).toBe(
        `${origin}/auth/login?returnUrl=%2Freports`,
      );
      expect(before.headers.getSetCookie()).toEqual([]);
      expect(steps).toEqual({
        before: 200,
        callback: `${origin}/reports`,
        reports: 200,
        name: true,
        logout: 200,
      });
    }, 400_000);

    it("[V5][N13] guards pages and route handlers, whatever the headers of the request", async () => {
      const skip = { "x-middleware-subrequest": "middleware:middleware" };

      const signedOut = [
        await browser.send("GET", "/notes", {
          headers: { ...byScript, ...skip },
        }),
        await browser.send("GET", "/notes"),
        await browser.send("POST", "/notes", { headers: { origin } }),
      ];
      await browser.signIn(ben.upn);
      const ofBen = await browser.send("GET", "/notes", { headers: byScript });
      const page = await browser.send("GET", "/admin");
      const foreign = await browser.send("POST", "/notes", {
        headers: {
          "sec-fetch-site": "cross-site",
          origin: "https://evil.test",
        },
      });
      const own = await browser.send("POST", "/notes", { headers: { origin } });

      expect(signedOut.map(({ status }) => status)).toEqual([401, 303, 401]);
      expect(signedOut[1]?.headers.get("location")).toBe(
        "/auth/login?returnUrl=%2Fnotes",
      );
      expect(ofBen.status).toBe(403);
      expect(page.text).toContain("role_required");
      expect(page.text).not.toContain(ben.name);
      expect(foreign.status).toBe(403);
      expect(JSON.parse(own.text).user.name).toBe(ben.name);
      expect(own.headers.get("cache-control")).toBe("no-store");
    }, 400_000);

    it("[N1][N2] has no session in a request of another site", async () => {
      await browser.signIn(ada.upn);
      const post = async (
        headers: Readonly<Record<string, string | undefined>>,
      ) => {
        const { text } = await browser.send("POST", "/plain", { headers });
        return text !== "null";
      };

      const results = [
        await post({ origin }),
        await post({ origin: "null" }),
        await post({ ...noMetadata, origin }),
        await post({ ...noMetadata, origin: "null" }),
        await post({ ...noMetadata, origin: "https://evil.test" }),
        await post({ "sec-fetch-site": "same-site", origin }),
        await post({ "sec-fetch-site": "cross-site", origin: "null" }),
      ];

      expect(results).toEqual([true, true, true, false, false, false, false]);
    }, 400_000);

    it("[N13] guards a server action", async () => {
      const { text } = await browser.send("GET", "/act");
      const [, action = ""] = /name="(\$ACTION_ID_\w+)"/.exec(text) ?? [];
      const act = async (headers: Readonly<Record<string, string>> = {}) => {
        const body = new FormData();
        body.append(action, "");
        const cookie = browser.jar.header();
        const response = await fetch(`${origin}/act`, {
          method: "POST",
          body,
          headers: { origin, cookie, ...headers },
          redirect: "manual",
        });
        return response.headers.get("location");
      };

      const signedOut = await act();
      await browser.signIn(ada.upn);
      const signedIn = await act();
      const ofSibling = await act({ "sec-fetch-site": "same-site" });

      expect([signedOut, signedIn, ofSibling]).toEqual([
        null,
        "/done?name=Ada",
        null,
      ]);
    }, 400_000);

    it("[N7] starts and redeems nothing for prefetches, the router and HEAD", async () => {
      const statuses = [
        await browser.send("GET", "/auth/login", { headers: { rsc: "1" } }),
        await browser.send("GET", "/auth/login", {
          headers: { "next-router-prefetch": "1" },
        }),
        await browser.send("GET", "/auth/login", {
          headers: { "sec-purpose": "prefetch" },
        }),
        await browser.send("HEAD", "/auth/login"),
        await browser.send("GET", "/auth/unknown"),
      ].map(({ status }) => status);

      expect(statuses.every((status) => status >= 300)).toBe(true);
      expect(browser.jar.names()).toEqual([]);
    }, 400_000);
  });
});

/** Visits the pages of the guide as Ada, from the sign-in to the sign-out. */
async function visitGuardedPages() {
  const before = await browser.send("GET", "/");
  const callback = await browser.signIn(ada.upn, "/reports");
  const reports = await browser.send("GET", "/reports");
  const home = await browser.send("GET", "/");
  const logout = await browser.send("POST", "/auth/logout");
  const after = await browser.send("GET", "/");
  return {
    before: before.status,
    callback: callback.headers.get("location"),
    reports: reports.status,
    name:
      reports.text.includes(ada.name) &&
      home.text.includes(ada.name) &&
      !after.text.includes(ada.name),
    logout: logout.status,
  };
}

/** Starts the program of an app, and waits until it responds. */
async function start(
  command: string,
  args: readonly string[],
  place: { readonly port?: number; readonly folder?: string } = {},
): Promise<void> {
  const port = place.port ?? (await findFreePort());
  origin = `http://localhost:${port}`;
  running = spawn(command, args, {
    cwd: join(app.folder, place.folder ?? "."),
    env: {
      PATH: process.env["PATH"],
      NEXT_TELEMETRY_DISABLED: "1",
      PORT: String(port),
      APP_URL: origin,
      ENTRA_AUTHORITY: emulator.origin,
    },
    stdio: ["ignore", "ignore", "inherit"],
    // Next starts a process of its own. Both are stopped together.
    detached: true,
  });
  while (running.exitCode === null) {
    const isUp = await fetch(`${origin}/auth/me`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) break;
    await pause(100);
  }
  expect(running.exitCode).toBeNull();
  browser = openHostBrowser(origin, emulator);
}

function findNext(): string {
  return join(app.folder, "node_modules/next/dist/bin/next");
}

async function stop(): Promise<void> {
  const child = running;
  running = undefined;
  if (child?.pid === undefined || child.exitCode !== null) return;
  process.kill(-child.pid, "SIGTERM");
  await once(child, "close");
}

async function write(file: string, source: string): Promise<void> {
  const path = join(app.folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, source);
}

/** Returns the files of the guide by name. */
async function readGuide(): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(guide, "utf8");
  const blocks = text.matchAll(/^```jsx? file=(\S+)\n([\s\S]*?)^```/gm);
  return Object.fromEntries(
    [...blocks].map(([, file = "", source = ""]) => [file, source]),
  );
}
