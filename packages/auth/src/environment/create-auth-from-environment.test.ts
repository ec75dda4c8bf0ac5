import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEntraEmulator } from "@entrada/entra-emulator";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { TenantId } from "../core/identifiers.js";
import { createRequestAuthFactory } from "../http/request-auth.js";
import { clientAddressReaderOf } from "../http/auth-limits.js";
import { createFakeIdentityClient } from "../testing/provider/fake-identity-client.js";
import { testPeople } from "../testing/provider/test-people.js";
import { signIn } from "../testing/sign-in.js";
import { createMemoryStores } from "../testing/memory/stores.js";
import { createAuthFromEnvironment } from "./create-auth-from-environment.js";
import type { EnvironmentAuth } from "./create-auth-from-environment.js";
import type { EnvironmentOptions } from "./composition.js";
import type { Logger } from "./logger.js";
import { EnvironmentError } from "./variable-reader.js";

const registryKey = Symbol.for("@entrada/auth/openings");

let folder: string;
let file: string;
const opened: EnvironmentAuth[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "entrada-environment-"));
  file = join(folder, "data", "entrada.db");
});

afterEach(async () => {
  for (const auth of opened.splice(0)) await auth.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

interface Line {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: object;
}

function createLogger() {
  const lines: Line[] = [];
  const write = (level: keyof Logger) => (fields: object, message: string) =>
    void lines.push({ level, message, fields });
  const logger: Logger = {
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
  return { lines, logger };
}

/** Creates an `auth` with its own database, which is closed after the test. */
function create({ env, ...options }: EnvironmentOptions = {}) {
  const { lines, logger } = createLogger();
  const auth = createAuthFromEnvironment({
    identityClient: createFakeIdentityClient({
      redirectUri: "http://localhost:5173/auth/callback",
    }),
    logger,
    env: { DATABASE_URL: `file:${file}`, ...env },
    ...options,
  });
  opened.push(auth);
  return { auth, lines };
}

/** Starts a sign-in from one address. Returns `ok`, or the code of the error. */
async function login(auth: EnvironmentAuth): Promise<unknown> {
  const request = createRequestAuthFactory({ auth })({
    readHeader: () => null,
    responseHeaders: new Headers(),
    clientAddress: "203.0.113.7",
  });
  return request.login({}).then(
    () => "ok",
    (error: unknown) =>
      error instanceof Error && "code" in error ? error.code : error,
  );
}

function countOpenDatabases(): number {
  const openings: unknown = Reflect.get(globalThis, registryKey);
  return openings instanceof Map ? openings.size : 0;
}

describe("createAuthFromEnvironment", () => {
  it("reads no variable and opens no database before the first use", async () => {
    const read: (string | symbol)[] = [];
    const env = new Proxy<Record<string, string>>(
      { DATABASE_URL: `file:${file}` },
      {
        get: (target, name) => {
          read.push(name);
          return Reflect.get(target, name);
        },
        ownKeys: (target) => {
          read.push("every name");
          return Reflect.ownKeys(target);
        },
      },
    );

    const auth = createAuthFromEnvironment({
      env,
      logger: createLogger().logger,
    });
    opened.push(auth);
    // Promises read `then`, and tools that print the object read symbols.
    await Promise.resolve(auth);
    String(Reflect.get(auth, Symbol.toStringTag));
    await auth.close();

    expect(read).toEqual([]);
    expect(auth.origin).toBe("http://localhost:5173");
    expect(read).toContain("APP_URL");
    expect(existsSync(file)).toBe(false);
  });

  it("reads process.env at the first use", () => {
    const auth = createAuthFromEnvironment({ logger: createLogger().logger });
    opened.push(auth);
    vi.stubEnv("APP_URL", "http://localhost:4711");
    vi.stubEnv("DATABASE_URL", `file:${file}`);

    expect(auth.origin).toBe("http://localhost:4711");
  });

  it("has the properties of createAuth, and prefers options to variables", async () => {
    const { auth } = create({
      env: { APP_URL: "not a URL", SESSION_IDLE_SECONDS: "100" },
      appUrl: "http://localhost:5173",
      sameSite: "lax",
    });

    expect(auth).toMatchObject({
      appUrl: "http://localhost:5173",
      sameSite: "lax",
      sessionTimeouts: { idleTimeoutSeconds: 100 },
    });
    expect({ ...auth }).toHaveProperty("ready");
    expect("sameSite" in auth && "ready" in auth).toBe(true);
    expect(await auth.readSession(undefined)).toBeUndefined();
  });

  it("names every malformed variable at the first use, and reads the variables again at the next use", async () => {
    const env: Record<string, string> = { FLOW_SECONDS: "0", PORT: "http" };
    const { auth } = create();
    const wrong = createAuthFromEnvironment({
      env,
      identityClient: createFakeIdentityClient(),
    });

    await expect(wrong.ready()).rejects.toEqual(
      new EnvironmentError([
        "FLOW_SECONDS must be a whole number from 1 to 31536000",
      ]),
    );
    expect(() => wrong.origin).toThrow(EnvironmentError);
    env["FLOW_SECONDS"] = "60";
    env["APP_URL"] = "https://app.test";
    env["AUTH_SECRET"] = Buffer.alloc(32).toString("base64");

    expect(wrong.flowTimeoutSeconds).toBe(60);
    await auth.ready();
  });

  it("opens and migrates the database in ready() or at the first call that needs it", async () => {
    const [one, other] = [
      create().auth,
      create({ env: { DATABASE_URL: `file:${join(folder, "other.db")}` } })
        .auth,
    ];

    await one.ready();
    const session = await other.readSession(
      `${"i".repeat(22)}.${"s".repeat(43)}`,
    );

    expect(existsSync(file)).toBe(true);
    expect(session).toBeUndefined();
    expect(existsSync(join(folder, "other.db"))).toBe(true);
    await expect(one.ready()).resolves.toBeUndefined();
  });

  it("rejects ready() while the database cannot be read", async () => {
    const { auth } = create();
    await auth.ready();

    rmSync(file);

    await expect(auth.ready()).rejects.toMatchObject({
      code: "store_unavailable",
    });
  });

  it("creates the tables with the given prefix", async () => {
    const { auth } = create({ prefix: "portal_" });

    await auth.ready();

    const database = new Database(file, { readonly: true });
    const names = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .pluck()
      .all();
    database.close();
    expect(names).toContain("portal_session");
    expect(names.filter((name) => !`${name}`.startsWith("portal_"))).toEqual(
      [],
    );
  });

  it("changes nothing with migrate: false, and names what is missing", async () => {
    const { auth } = create({ migrate: false });

    await expect(auth.ready()).rejects.toThrow(/DATABASE_URL: .*auth_session/s);
  });

  it("keeps the rows of two clients on one database apart", async () => {
    const [portal, payroll] = ["portal", "payroll"].map((clientId) => {
      const identityClient = createFakeIdentityClient({
        redirectUri: "http://localhost:5173/auth/callback",
        clientId,
      });
      return { identityClient, ...create({ identityClient }) };
    });
    if (portal === undefined || payroll === undefined) throw new Error();

    const { sessionToken } = await signIn(portal, { person: testPeople.ada });

    await expect(portal.auth.readSession(sessionToken)).resolves.toBeDefined();
    await expect(
      payroll.auth.readSession(sessionToken),
    ).resolves.toBeUndefined();
  });

  it("names DATABASE_URL if the database cannot be opened, and tries again at the next use", async () => {
    const { auth } = create({ secrets: [new Uint8Array(32)] });
    writeFileSync(join(folder, "data"), "not a folder");

    const failed = auth.ready();
    const call = auth.readSession(`${"i".repeat(22)}.${"s".repeat(43)}`);

    await expect(failed).rejects.toThrow(
      /DATABASE_URL: the database .+ cannot be opened/,
    );
    await expect(call).rejects.toMatchObject({
      code: "store_unavailable",
      message: "The database cannot be opened.",
    });
    rmSync(join(folder, "data"));
    await expect(auth.ready()).resolves.toBeUndefined();
  });

  it("names DATABASE_URL if a PostgreSQL server does not respond, and closes its connections", async () => {
    const { auth } = create({
      env: { DATABASE_URL: "postgres://app:distinctive@127.0.0.1:9/app" },
    });

    const failed: unknown = await auth.ready().catch((error: unknown) => error);

    expect(failed).toMatchObject({
      code: "store_unavailable",
      message: expect.stringMatching(
        /^DATABASE_URL names a database that does not respond: /,
      ),
    });
    expect(String(failed)).not.toContain("distinctive");
    expect(countOpenDatabases()).toBe(0);
  });

  it("names AUTH_SECRET if no secret for development can be stored", async () => {
    const { auth } = create();
    writeFileSync(join(folder, "data"), "not a folder");

    await expect(auth.ready()).rejects.toThrow(/AUTH_SECRET is missing/);
  });

  it("uses the given stores and opens no database", async () => {
    const stores = createMemoryStores();
    const { auth } = create({
      stores,
      env: { DATABASE_URL: "neither read nor required" },
    });

    await auth.ready();
    const { flowId } = await auth.initiateFlow();

    expect(flowId).toMatch(/./);
    expect(countOpenDatabases()).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it("shares one open database when its module is evaluated several times", async () => {
    const { lines, logger } = createLogger();
    const options = {
      env: { DATABASE_URL: `file:${file}` },
      identityClient: createFakeIdentityClient({
        redirectUri: "http://localhost:5173/auth/callback",
      }),
      logger,
    };
    const evaluate = async () => {
      vi.resetModules();
      const copy = await import("./create-auth-from-environment.js");
      return copy.createAuthFromEnvironment(options);
    };
    const [one, other] = [await evaluate(), await evaluate()];
    opened.push(one, other);

    await Promise.all([one.ready(), other.ready()]);

    expect(countOpenDatabases()).toBe(1);
    expect(lines.map(({ message }) => message)).toEqual(["auth.started"]);
  });

  it("opens another database for other settings", async () => {
    await create().auth.ready();
    await create({ env: { DATABASE_URL: `file:${file}2` } }).auth.ready();

    expect(countOpenDatabases()).toBe(2);
  });

  it("closes the database, and opens it again at the next use", async () => {
    const { auth } = create();
    await auth.ready();

    await Promise.all([auth.close(), auth.close()]);
    const openAfterClose = countOpenDatabases();
    await auth.ready();

    expect(openAfterClose).toBe(0);
    expect(countOpenDatabases()).toBe(1);
  });

  it("does not use the stores of a database that was closed", async () => {
    const { auth } = create();
    const before = await login(auth);

    await auth.close();
    const after = await login(auth);

    expect([before, after]).toEqual(["ok", "ok"]);
  });

  it("limits sign-ins per address to SIGN_IN_RATE_PER_MINUTE, and logs each refusal", async () => {
    const { auth, lines } = create({ env: { SIGN_IN_RATE_PER_MINUTE: "1" } });

    expect([await login(auth), await login(auth)]).toEqual([
      "ok",
      "rate_limited",
    ]);
    expect(lines).toContainEqual({
      level: "info",
      message: "request.refused",
      fields: {
        code: "rate_limited",
        action: "login",
        address: "203.0.113.7",
      },
    });
  });

  it("trusts the proxies of TRUSTED_PROXIES, and logs once that another peer sends the header", () => {
    const { auth, lines } = create({ env: { TRUSTED_PROXIES: "10.0.0.0/8" } });

    const [trusted, first, second] = [
      ["10.0.0.1", "198.51.100.7"],
      ["192.0.2.1", "198.51.100.7"],
      ["192.0.2.2", "198.51.100.7"],
    ].map(([peer, header]) => clientAddressReaderOf(auth)(peer, header));

    expect([trusted, first, second]).toEqual([
      "198.51.100.7",
      "192.0.2.1",
      "192.0.2.2",
    ]);
    expect(lines).toEqual([
      {
        level: "warn",
        message: "proxy.untrusted",
        fields: expect.objectContaining({ peerAddress: "192.0.2.1" }),
      },
    ]);
  });

  it("logs each event, writes it to the audit trail, and passes it to the app", async () => {
    const stores = createMemoryStores();
    const identityClient = createFakeIdentityClient({
      redirectUri: "http://localhost:5173/auth/callback",
    });
    const onEvent = vi.fn();
    const { auth, lines } = create({ stores, identityClient, onEvent });

    const { user } = await signIn(
      { auth, identityClient },
      { person: testPeople.ada },
    );
    await auth.close();

    expect(lines.map(({ message }) => message)).toEqual(
      expect.arrayContaining(["flow.initiated", "flow.completed"]),
    );
    expect(onEvent.mock.calls.map(([event]) => event.type)).toEqual(
      expect.arrayContaining(["flow.initiated", "flow.completed"]),
    );
    const entries = await stores.auditStore.list({
      tenantId: user.tenantId as TenantId,
      includesUnattributed: false,
      before: undefined,
      limit: 10,
    });
    expect(entries.map(({ type }) => type)).toEqual(["flow.completed"]);
  });

  it("uses no proxy for a loopback host", async () => {
    const emulator = await startEntraEmulator();
    try {
      const { auth } = create({
        identityClient: undefined,
        env: {
          ENTRA_AUTHORITY: emulator.origin,
          HTTP_PROXY: "http://127.0.0.1:9",
          HTTPS_PROXY: "http://127.0.0.1:9",
        },
      });

      const { authorizationUrl } = await auth.initiateFlow();

      expect(authorizationUrl).toMatch(new RegExp(`^${emulator.origin}/`));
    } finally {
      await emulator.close();
    }
  });

  it("uses the proxy of its environment for any other host", async () => {
    const { auth } = create({
      identityClient: undefined,
      env: {
        ENTRA_AUTHORITY: "https://login.example.test",
        ENTRA_CLIENT_ID: "client",
        ENTRA_CLIENT_SECRET: "secret",
        HTTPS_PROXY: "http://127.0.0.1:9",
      },
    });

    const failed: unknown = await auth
      .initiateFlow()
      .catch((error: unknown) => error);

    expect(failed).toMatchObject({
      code: "identity_provider_unavailable",
      cause: { code: "ECONNREFUSED", port: 9 },
    });
  });
});
