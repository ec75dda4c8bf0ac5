import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  copyFile,
  readFile,
  readdir,
  rename,
  writeFile,
} from "node:fs/promises";
import { connect } from "node:net";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  builtInPeople,
  demoApp,
  startEntraEmulator,
} from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPackedApp, findFreePort } from "./packed-app.js";
import type { PackedApp } from "./packed-app.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(import.meta.url);
const { ada } = builtInPeople;

interface Manifest {
  readonly exports: Readonly<
    Record<
      string,
      string | { readonly types: string; readonly default: string }
    >
  >;
  readonly publishConfig: Pick<Manifest, "exports">;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const peers = ["@trpc/server", "drizzle-orm", "react", "better-sqlite3", "pg"];
const types = [
  "@types/react",
  "@types/better-sqlite3",
  "@types/pg",
  "@types/node",
];

let app: PackedApp;
/** The folder of an app outside the workspace. */
let folder: string;
let manifest: Manifest;

beforeAll(async () => {
  app = await createPackedApp([...peers, ...types]);
  ({ folder } = app);
  manifest = JSON.parse(
    await readFile(
      join(folder, "node_modules/@entrada/auth/package.json"),
      "utf8",
    ),
  );
});

afterAll(async () => {
  await app?.close();
});

function runModule(source: string): Promise<string> {
  return app.run(process.execPath, ["--input-type=module", "--eval", source]);
}

describe("the packed package", () => {
  it("exports built files with types under every subpath, and no workspace files", async () => {
    const entries = listEntries();
    expect(Object.keys(entries)).toEqual([
      ".",
      "./msal",
      "./http",
      "./trpc",
      "./react",
      "./drizzle/sqlite",
      "./drizzle/postgres",
      "./environment",
      "./node",
      "./express",
      "./fastify",
      "./hono",
      "./next",
      "./testing",
      "./testing/emulator",
    ]);
    const files = Object.values(entries).flatMap(({ types, default: code }) => [
      types,
      code,
    ]);
    for (const file of files) {
      expect(file).toMatch(/^\.\/dist\/.+\.(d\.ts|js)$/);
      await expect(
        readFile(join(folder, "node_modules/@entrada/auth", file), "utf8"),
      ).resolves.not.toBe("");
    }
    expect(JSON.stringify(manifest)).not.toMatch(/workspace:|catalog:/);
    for (const range of Object.values(manifest.dependencies))
      expect(range).toMatch(/^\^/);
    const shipped = await readdir(join(folder, "node_modules/@entrada/auth"), {
      recursive: true,
    });
    expect(
      shipped.filter((file) =>
        /(^|\/)(src|test|bench)\/|\.test\.|\.tsbuildinfo$/.test(file),
      ),
    ).toEqual([]);
  });

  it("can be imported under every subpath without Express, Fastify, Hono and Next", async () => {
    const subpaths = Object.keys(listEntries()).map(
      (subpath) => `@entrada/auth${subpath.slice(1)}`,
    );

    const counts = await runModule(
      `for (const name of ${JSON.stringify(subpaths)}) console.log(name, Object.keys(await import(name)).length);`,
    );

    for (const subpath of subpaths)
      expect(counts).toMatch(new RegExp(`^${subpath} [1-9]`, "m"));
  });

  it("exports its manifest and the SQL of its migrations", async () => {
    const found = await runModule(
      `for (const name of ["package.json", "drizzle/sqlite/0000_initial.sql", "drizzle/postgres/0000_initial.sql"])
        console.log(import.meta.resolve("@entrada/auth/" + name));`,
    );

    const files = found.trim().split("\n");
    expect(files).toHaveLength(3);
    for (const file of files)
      await expect(readFile(new URL(file))).resolves.not.toHaveLength(0);
  });

  it("works with the packed emulator, which can be imported", async () => {
    const counts = await runModule(
      `console.log(Object.keys(await import("@entrada/entra-emulator")).length);`,
    );

    expect(Number(counts)).toBeGreaterThan(0);
  });

  it.each(["auth", "entra-emulator"])(
    "holds the same files if pnpm packs %s",
    async (name) => {
      const [byNpm, byPnpm] = [
        await unpack(await app.pack(name, "npm")),
        await unpack(await app.pack(name, "pnpm")),
      ];

      expect(byPnpm).toEqual(byNpm);
    },
  );

  it("composes an app from the environment, and lets the process exit", async () => {
    const output = await runModule(`
      import { createAuthFromEnvironment } from "@entrada/auth/environment";
      import { createMemoryStores } from "@entrada/auth/testing";
      const auth = createAuthFromEnvironment({ env: {}, stores: createMemoryStores() });
      await auth.ready();
      console.log(auth.authority);
    `);

    expect(output).toContain("http://localhost:5180");
  });

  it("uses the driver that the app has installed, and names the install command if there is none", async () => {
    const source = `
      import { createAuthFromEnvironment } from "@entrada/auth/environment";
      const env = { DATABASE_URL: "postgres://app@127.0.0.1:9/app" };
      await createAuthFromEnvironment({ env }).ready().catch(({ message }) => console.log(message));
    `;
    const driver = join(folder, "node_modules/pg");

    const installed = await runModule(source);
    await rename(driver, `${driver}-away`);
    const missing = await runModule(source);
    await rename(`${driver}-away`, driver);

    expect(installed).toContain("names a database that does not respond");
    expect(missing).toContain("npm install drizzle-orm pg");
  });

  it("exports nothing else", async () => {
    await expect(
      runModule(`await import("@entrada/auth/dist/core/sealer.js")`),
    ).rejects.toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/);
  });

  it("has types that compile in a strict app", async () => {
    await writeFile(join(folder, "app.ts"), consumer);
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          target: "ES2023",
          lib: ["ES2023", "DOM", "DOM.Iterable"],
          module: "nodenext",
          moduleResolution: "nodenext",
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: true,
          noEmit: true,
          types: ["node"],
        },
        files: ["app.ts"],
      }),
    );
    const compiler = join(
      dirname(require.resolve("typescript/package.json")),
      "bin/tsc",
    );

    const findings = await run(process.execPath, [compiler, "-p", folder]).then(
      ({ stdout }) => stdout,
      (error: { readonly stdout: string; readonly stderr: string }) =>
        `It does not compile: ${error.stdout}${error.stderr}`,
    );

    expect(findings).toBe("");
  });
});

/** The exports that are modules. */
function listEntries() {
  return Object.fromEntries(
    Object.entries(manifest.exports).flatMap(([subpath, entry]) =>
      typeof entry === "string" ? [] : [[subpath, entry] as const],
    ),
  );
}

/** Returns the trimmed files of a tarball by name. */
async function unpack(tarball: string) {
  const target = dirname(tarball);
  await run("tar", ["-xzf", tarball, "-C", target]);
  const names = await readdir(join(target, "package"), {
    recursive: true,
    withFileTypes: true,
  });
  const files = names.filter((entry) => entry.isFile());
  return Object.fromEntries(
    await Promise.all(
      files.map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        const text = await readFile(path, "utf8");
        return [relative(target, path), text.trim()] as const;
      }),
    ),
  );
}

/** Uses a type of every subpath so that the code does not compile if the type is `any` or missing. */
const consumer = `
import { createAuth, isAuthError } from "@entrada/auth";
import type { Auth, AuthErrorCode, ActiveSession } from "@entrada/auth";
import { createPostgresStores, migratePostgres } from "@entrada/auth/drizzle/postgres";
import { createSqliteStores } from "@entrada/auth/drizzle/sqlite";
import { createAuthFromEnvironment } from "@entrada/auth/environment";
import { authMiddleware, sessionOf } from "@entrada/auth/express";
import { createAuthHandler } from "@entrada/auth/http";
import { createMsalClient } from "@entrada/auth/msal";
import { getSession as getPageSession } from "@entrada/auth/next";
import { getSession } from "@entrada/auth/node";
import { useAuth } from "@entrada/auth/react";
import { createMemoryStores } from "@entrada/auth/testing";
import { createAuthProcedures, formatAuthError } from "@entrada/auth/trpc";
import type { AuthContext } from "@entrada/auth/trpc";
import { initTRPC } from "@trpc/server";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import Database from "better-sqlite3";
import { Pool } from "pg";

type IsAny<T> = 0 extends 1 & T ? true : false;
const none = <T>(_: IsAny<T> extends true ? never : "typed") => undefined;

export function start(): Auth {
  const identityClient = createMsalClient({
    authority: "https://login.microsoftonline.com",
    tenant: "organizations",
    clientId: "id",
    clientSecret: "secret",
    redirectUri: "https://app.example.test/auth/callback",
  });
  const stores = process.env["TEST"] ? createMemoryStores() : createSqliteStores(new Database("app.db"));
  return createAuth({ appUrl: "https://app.example.test", identityClient, stores, secrets: [new Uint8Array(32)] });
}

export async function openPostgres() {
  const pool = new Pool({ connectionString: "postgres://app@db.example.test/app" });
  await migratePostgres(pool);
  return createPostgresStores(pool);
}

const t = initTRPC.context<AuthContext>().create({ errorFormatter: formatAuthError });
const auth = createAuthProcedures();
const router = t.router({
  auth: t.router(auth.procedures),
  greeting: t.procedure.concat(auth.signedIn).query(({ ctx }) => \`Hello \${ctx.user.name}\`),
});
type Outputs = inferRouterOutputs<typeof router>;
type Inputs = inferRouterInputs<typeof router>;

none<Parameters<typeof createPostgresStores>[0]["totalCount"]>("typed");
none<Awaited<ReturnType<typeof openPostgres>>["flowStore"]>("typed");
none<Outputs["auth"]["me"]>("typed");
none<Outputs["auth"]["callback"]["user"]["roles"]>("typed");
none<Outputs["greeting"]>("typed");
none<Inputs["auth"]["login"]>("typed");
none<ReturnType<typeof useAuth>>("typed");
none<ReturnType<typeof createAuthFromEnvironment>["origin"]>("typed");
none<Parameters<typeof createAuthHandler>[0]["auth"]>("typed");
none<Parameters<typeof authMiddleware>[0]>("typed");
none<ReturnType<typeof sessionOf>>("typed");
none<Awaited<ReturnType<typeof getSession>>>("typed");
none<Awaited<ReturnType<typeof getPageSession>>>("typed");
const me: Outputs["auth"]["me"] = null as ActiveSession | null;
const code: AuthErrorCode = "flow_not_found";
// @ts-expect-error: the set of codes is closed.
const unknown: AuthErrorCode = "something_else";
export const used = [me, code, unknown, isAuthError];
`;

describe("an app outside the workspace, in plain Node", () => {
  let emulator: EntraEmulator;
  let server: ChildProcess;
  let origin: string;

  beforeAll(async () => {
    emulator = await startEntraEmulator();
    await copyFile(
      join(root, "examples/node-http/app.mjs"),
      join(folder, "app.mjs"),
    );
    const port = await findFreePort();
    origin = `http://localhost:${port}`;
    server = spawn(process.execPath, ["app.mjs"], {
      cwd: folder,
      env: {
        PATH: process.env["PATH"],
        PORT: String(port),
        AUTH_SECRET: Buffer.alloc(32, 3).toString("base64"),
        ENTRA_AUTHORITY: emulator.origin,
        ENTRA_CLIENT_ID: demoApp.clientId,
        ENTRA_CLIENT_SECRET: demoApp.clientSecret,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await untilListening(server);
  });

  afterAll(async () => {
    if (server?.exitCode === null) {
      server.kill("SIGTERM");
      await once(server, "close");
    }
    await emulator?.close();
  });

  it("signs a user in and out by navigations", async () => {
    const cookies = new Map<string, string>();
    const visit = async (path: string, init: RequestInit = {}) => {
      const cookie = [...cookies]
        .map(([name, value]) => `${name}=${value}`)
        .join("; ");
      const headers = {
        ...(cookie === "" ? {} : { cookie }),
        ...Object.fromEntries(new Headers(init.headers)),
      };
      const response = await fetch(new URL(path, origin), {
        ...init,
        headers,
        redirect: "manual",
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === "") cookies.delete(name);
        else cookies.set(name, value);
      }
      return response;
    };
    emulator.control.autoSignIn(ada.upn);

    const login = await visit("/auth/login?returnUrl=/welcome");
    const provider = await fetch(login.headers.get("location") ?? "", {
      redirect: "manual",
    });
    const callbackUrl = provider.headers.get("location") ?? "";
    // The navigation comes from the provider's site, and browsers send `SameSite=Lax` cookies with it.
    const callback = await visit(callbackUrl, {
      headers: { "sec-fetch-site": "cross-site" },
    });
    const again = await visit(callbackUrl);
    const page = await (await visit("/")).json();
    const me = await (await visit("/auth/me")).json();
    const foreign = await visit("/auth/logout", {
      method: "POST",
      headers: { "sec-fetch-site": "cross-site" },
    });
    const logout = await visit("/auth/logout", { method: "POST" });
    const after = await (await visit("/auth/me")).json();

    expect(login.status).toBe(303);
    expect(callback.status).toBe(303);
    expect(callback.headers.get("location")).toBe(`${origin}/welcome`);
    expect(again.headers.get("location")).toBe(`${origin}/`);
    expect(me).toMatchObject({
      user: { objectId: ada.home.objectId, name: ada.name },
    });
    expect(page).toEqual(me);
    expect(foreign.status).toBe(403);
    expect(logout.status).toBe(200);
    expect(await logout.text()).toContain(`href="${emulator.origin}/`);
    expect(after).toBeNull();
  });

  it("follows the rules of navigations over HTTP", async () => {
    const visit = (
      path: string,
      headers: Readonly<Record<string, string>> = {},
      method = "GET",
    ) =>
      fetch(new URL(path, origin), {
        method,
        headers: { accept: "text/html", ...headers },
        redirect: "manual",
      });

    const results = {
      foreign: await visit("/auth/login?returnUrl=/orders&loginHint=eve", {
        "sec-fetch-site": "cross-site",
      }),
      prefetch: await visit("/auth/login", { "sec-purpose": "prefetch" }),
      silent: await visit("/auth/login?returnUrl=/orders&prompt=none"),
      hinted: await visit("/auth/login/?returnUrl=/orders&loginHint=eve"),
      scoped: await visit("/auth/login?scopes=Mail.Read"),
      head: await visit("/auth/login", {}, "HEAD"),
      unknown: await visit("/auth/unknown"),
      long: await visit(`/auth/callback?${"a&".repeat(7_500)}`),
      lost: await visit(`/auth/callback?code=c&state=${"s".repeat(43)}`),
      foreignForm: await visit(
        "/auth/login",
        { origin: "https://evil.test" },
        "POST",
      ),
      signedOut: await visit("/auth/logout", { origin: "null" }, "POST"),
    };

    const statuses = Object.fromEntries(
      Object.entries(results).map(([name, { status }]) => [name, status]),
    );
    expect(statuses).toEqual({
      foreign: 200,
      prefetch: 503,
      silent: 303,
      hinted: 303,
      scoped: 200,
      head: 404,
      unknown: 404,
      long: 400,
      lost: 400,
      foreignForm: 403,
      signedOut: 303,
    });
    const setters = Object.entries(results).filter(
      ([, { headers }]) => headers.getSetCookie().length > 0,
    );
    expect(setters.map(([name]) => name)).toEqual(["silent", "hinted"]);
    for (const { headers } of Object.values(results))
      expect(headers.get("cache-control")).toBe("no-store");
    expect(results.silent.headers.get("location")).toBe(`${origin}/orders`);
    expect(results.signedOut.headers.get("location")).toBe(`${origin}/`);
    expect(
      new URL(results.hinted.headers.get("location") ?? "").searchParams.has(
        "login_hint",
      ),
    ).toBe(false);
    expect(await results.foreign.text()).not.toContain("eve");
  });

  it("[N9] refuses an endless body while it responds to other requests, and reads at most the size of a form", async () => {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    let received = "";
    socket.on("data", (data: Buffer) => {
      received += data.toString();
    });
    const chunk = `2000\r\n${"a&".repeat(0x1000)}\r\n`;
    socket.write(
      [
        "POST /auth/back-channel-logout HTTP/1.1",
        `Host: ${hostname}:${port}`,
        "Content-Type: application/x-www-form-urlencoded",
        "Transfer-Encoding: chunked",
        "\r\n",
      ].join("\r\n"),
    );
    // The app reads at most the size of a form, responds, and closes the connection.
    const closed = new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
      socket.on("error", () => undefined);
    });

    // Send more than a form and then stop, because a failing write would hide the response.
    for (let count = 0; count < 16; count += 1) socket.write(chunk);
    const other = await fetch(`${origin}/auth/me`);
    await closed;

    expect(other.status).toBe(200);
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
  });
});

async function untilListening({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) throw new Error("The app has no output.");
  let output = "";
  while (!output.includes("Listening on")) {
    const [data]: readonly unknown[] = await once(stdout, "data");
    output += String(data);
  }
}
