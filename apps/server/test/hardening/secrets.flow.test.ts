import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtInPeople, demoApp } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDatabase } from "../support/database-file.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import { cookieNamesOf } from "../support/visitor.js";
import type { CallResponse } from "../support/visitor.js";

const { ada, ben } = builtInPeople;
const authSecret = Buffer.from("planted: what seals the stores!!").toString(
  "base64",
);
const plantedTokens = {
  access_token: "planted-access-token-1f0c",
  refresh_token: "planted-refresh-token-2e9d",
};
/** Matches the beginning of every JSON Web Token, such as an ID token. */
const anyToken = /eyJ[\w-]{16,}\.eyJ/;

let folder: string;
let site: Site;
/** The planted and recorded secrets, by name. */
const secrets = new Map<string, string>();
/** The bodies of all responses, which must not contain any secret. */
const responseBodies: string[] = [];
/** The headers of these responses, except `Set-Cookie`. */
const responseHeaders: string[] = [];
let databaseBytes: string;
let auditTrail: readonly Readonly<Record<string, unknown>>[];
let sessionId: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "entrada-secrets-"));
  site = await startSite({
    databasePath: join(folder, "entrada.db"),
    environment: { LOG_LEVEL: "trace", AUTH_SECRET: authSecret },
  });
  secrets.set("client secret", demoApp.clientSecret);
  secrets.set("auth secret", authSecret);
  for (const [name, token] of Object.entries(plantedTokens))
    secrets.set(name, token);
  await signInWithPlantedTokens();
  await failInEveryWay();
  databaseBytes = readdirSync(folder)
    .filter((name) => name.startsWith("entrada.db"))
    .map((name) => readFileSync(join(folder, name)).toString("latin1"))
    .join("\n");
  // The log and the audit trail are complete after the exit.
  await site.server.stop();
  auditTrail = withDatabase(site.server.databasePath, (database) =>
    database
      .prepare<[], Readonly<Record<string, unknown>>>(
        "SELECT * FROM auth_event",
      )
      .all(),
  );
});

afterAll(async () => {
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

function keep(...kept: readonly CallResponse<unknown>[]): void {
  for (const { text, headers } of kept) {
    responseBodies.push(text);
    responseHeaders.push(
      ...[...headers]
        .filter(([name]) => name !== "set-cookie")
        .map((header) => header.join(": ")),
    );
  }
}

function rememberFlow(
  label: string,
  authorizationUrl: string,
  cookies: ReadonlyMap<string, string>,
): void {
  const { searchParams } = new URL(authorizationUrl);
  secrets.set(`${label} state`, searchParams.get("state") ?? "");
  secrets.set(`${label} nonce`, searchParams.get("nonce") ?? "");
  for (const [name, value] of cookies) {
    const [browserToken = ""] = value.split(".");
    if (name.startsWith("flow-"))
      secrets.set(`${label} browser token`, browserToken);
  }
}

async function signInWithPlantedTokens(): Promise<void> {
  const { control } = site.emulator;
  const remove = control.setFault({
    type: "token_response",
    set: plantedTokens,
  });
  const visitor = site.createVisitor();
  const login = await visitor.mutate("auth.login", { scopes });
  rememberFlow("a", login.data.authorizationUrl, visitor.cookies());
  const query = await visitor.reachCallback(ada.upn, { scopes });
  const callback = await visitor.mutate("auth.callback", query);
  remove();
  const [id = "", secret = ""] = (visitor.session() ?? "").split(".");
  sessionId = id;
  secrets.set("session secret", secret);
  const [exchange] = control.requests("token");
  secrets.set("code", exchange?.form["code"] ?? "");
  secrets.set("verifier", exchange?.form["code_verifier"] ?? "");
  keep(
    callback,
    await visitor.query("auth.me"),
    await visitor.query("auth.sessions.list"),
    await visitor.query("workspace.greeting"),
    await visitor.query("admin.users.list"),
    await visitor.query("admin.events.list"),
    await visitor.mutate("auth.callback", query),
  );
}

/** Without scopes, no tokens are stored. */
const scopes = ["User.Read"];

/** Error responses could contain messages of libraries. */
async function failInEveryWay(): Promise<void> {
  const { control } = site.emulator;
  const visitor = site.createVisitor();
  const faults = [
    { type: "token_error", code: 54_005 },
    { type: "token_error", code: 7_000_215 },
    { type: "token_response", status: 500, body: plantedTokens },
    {
      type: "token_response",
      status: 401,
      body: {
        error: "invalid_client",
        error_description: `AADSTS7000215: ${plantedTokens.refresh_token}`,
      },
    },
    { type: "token_response", status: 200, body: plantedTokens },
    { type: "token_response", status: 200, body: plantedTokens.access_token },
    {
      type: "token_response",
      set: { ...plantedTokens, client_info: "bnVsbA" },
    },
    { type: "id_token_claims", set: { nonce: "planted-wrong-nonce" } },
    { type: "id_token_signature", variant: "corrupt_signature" },
    { type: "down", endpoint: "token", how: "destroy" },
    { type: "down", endpoint: "keys", how: "destroy" },
  ] as const;
  for (const [index, fault] of faults.entries()) {
    const remove = control.setFault(fault);
    const query = await visitor.reachCallback(ben.upn, { scopes });
    secrets.set(`code ${index}`, String(query["code"]));
    secrets.set(`state ${index}`, String(query["state"]));
    keep(await visitor.mutate("auth.callback", query));
    remove();
  }
  await sendMalformed(String(secrets.get("code")));
  keep(await visitor.mutate("auth.logout"));
  const last = await visitor.reachCallback(ben.upn, { scopes });
  withDatabase(site.server.databasePath, (database) =>
    database.exec("ALTER TABLE auth_token_cache RENAME TO away"),
  );
  keep(await visitor.mutate("auth.callback", last));
  withDatabase(site.server.databasePath, (database) =>
    database.exec("ALTER TABLE away RENAME TO token_cache"),
  );
}

async function sendMalformed(code: string): Promise<void> {
  const headers = {
    "x-csrf": "1",
    "content-type": "application/json",
    cookie: `${cookieNamesOf(site.origin).session}=x.${secrets.get("session secret")}`,
  };
  const requests: readonly (readonly [string, RequestInit])[] = [
    [`/trpc/auth.callback`, { method: "POST", body: `{"code":"${code}"` }],
    [`/trpc/auth.callback`, { method: "POST", body: `${code}` }],
    [`/trpc/auth.callback?input={"code":"${code}"}`, {}],
    [`/trpc/${code}`, {}],
    [`/trpc/auth.callback?input=${code}`, { method: "POST" }],
    [`/auth/callback?code=${code}`, {}],
    [`/auth/front-channel-logout?code=${code}`, {}],
    [`/auth/back-channel-logout`, { method: "POST", body: code }],
    [`/assets/${code}.js`, {}],
  ];
  for (const [path, init] of requests)
    await (
      await fetch(`${site.origin}${path}`, { headers, ...init })
    ).arrayBuffer();
}

describe("a secret", () => {
  it("is planted before the other tests", () => {
    expect(secrets.size).toBeGreaterThan(20);
    for (const [name, secret] of secrets)
      expect(secret.length, name).toBeGreaterThan(20);
  });

  it("[F25][T2] is in no log line, at the level trace", () => {
    const output = site.server.output();

    expect(output.split("\n").length).toBeGreaterThan(10);
    expect(output).toContain('"flow.completed"');
    expect(output).toContain('"flow.failed"');
    for (const [name, secret] of secrets)
      expect(output.includes(secret), name).toBe(false);
    expect(output).not.toMatch(anyToken);
    expect(output).not.toMatch(/planted-/);
    expect(output).toContain(`"sessionId":"${sessionId}"`);
  });

  it("[T1] is in no response body", () => {
    const bodies = responseBodies.join("\n");

    for (const [name, secret] of secrets)
      expect(bodies.includes(secret), name).toBe(false);
    expect(bodies).not.toMatch(anyToken);
    expect(bodies).not.toMatch(/planted-/);
    expect(bodies).toContain(ada.home.objectId);
    expect(bodies).toContain('"flow.completed"');
  });

  it("[T1] is in no response header except Set-Cookie", () => {
    const headers = responseHeaders.join("\n");

    expect(headers).toContain("cache-control: no-store");
    for (const [name, secret] of secrets)
      expect(headers.includes(secret), name).toBe(false);
    expect(headers).not.toMatch(anyToken);
  });

  it("[A8] is in no entry of the audit trail, and neither are nonces", () => {
    const entries = auditTrail.map((entry) => JSON.stringify(entry)).join("\n");

    expect(entries).toContain('"type":"flow.completed"');
    expect(entries).toContain('"code":"id_token_invalid"');
    expect(entries).toContain('"code":"store_unavailable"');
    expect(entries).toContain('"reason":"signed_out"');
    expect(entries).toContain(sessionId);
    for (const [name, secret] of secrets)
      expect(entries.includes(secret), name).toBe(false);
    expect(entries).not.toMatch(anyToken);
    expect(entries).not.toMatch(/planted-/);
  });

  it("[S8][T3] is not in the database's files, so that a copy does not permit signing in", () => {
    expect(databaseBytes).toContain(ada.home.objectId);
    expect(databaseBytes).toContain(sessionId);
    for (const [name, secret] of secrets)
      if (!name.endsWith("nonce"))
        expect(databaseBytes.includes(secret), name).toBe(false);
    expect(databaseBytes).not.toMatch(anyToken);
  });
});
