import { parseCallback } from "../src/core/sign-in/callback.js";
import {
  builtInPeople,
  demoApp,
  startEntraEmulator,
} from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { createAuditTrail, createAuth } from "@entrada/auth";
import type { ActiveSession, Auth, Stores } from "@entrada/auth";
import { createSqliteStores } from "@entrada/auth/drizzle/sqlite";
import { createMsalClient } from "@entrada/auth/msal";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findStored } from "../src/testing/test-auth.js";
import { openMigratedTestDatabase } from "./sqlite-test-database.js";
import type { TestDatabase } from "./sqlite-test-database.js";

// The audit trail in a SQLite file, written by a sign-in layer that uses the emulator.

const { ada, ben } = builtInPeople;
const appUrl = "http://localhost:5173";
const second = 1000;

let emulator: EntraEmulator;
let database: TestDatabase;
let auth: Auth;
let stores: Stores;
let settle: () => Promise<void>;
let offsetSeconds = 0;

function now(): Date {
  return new Date(Date.now() + offsetSeconds * second);
}

beforeAll(async () => {
  emulator = await startEntraEmulator({ autoSignIn: ada.upn });
  database = openMigratedTestDatabase();
  stores = createSqliteStores(database.database);
  const trail = createAuditTrail({
    auditStore: stores.auditStore,
    onFailure: (error) => {
      throw error;
    },
    now,
  });
  settle = () => trail.settle();
  auth = createAuth({
    appUrl,
    stores,
    now,
    identityClient: createMsalClient({
      authority: emulator.origin,
      tenant: "organizations",
      clientId: demoApp.clientId,
      clientSecret: demoApp.clientSecret,
      redirectUri: `${appUrl}/auth/callback`,
      now,
    }),
    secrets: [Buffer.alloc(32, 3)],
    auditTrail: trail,
  });
});

afterAll(async () => {
  database?.close();
  await emulator?.close();
});

/** Signs Ada in without a page at the provider. */
async function signIn(sessionCookie?: string) {
  const flow = await auth.initiateFlow({ scopes: ["User.Read"] });
  const answer = await fetch(flow.authorizationUrl, { redirect: "manual" });
  const { searchParams } = new URL(answer.headers.get("location") ?? "");
  return auth.completeFlow({
    ...parseCallback(Object.fromEntries(searchParams)),
    browserToken: flow.browserToken,
    sessionCookie,
  });
}

interface Entry {
  readonly type: string;
  readonly session_id: string | null;
  readonly user_id: string | null;
  readonly code: string | null;
  readonly reason: string | null;
}

/** Runs the action and returns the entries that it added. */
async function readNew(act: () => Promise<unknown>): Promise<readonly Entry[]> {
  const read = () =>
    database.database
      .prepare<[], Entry>(
        "SELECT type, session_id, user_id, code, reason FROM auth_event ORDER BY id",
      )
      .all();
  await settle();
  const before = read().length;
  await act();
  await settle();
  return read().slice(before);
}

function toAct(act: () => Promise<unknown>): () => Promise<unknown> {
  return () => act().catch(() => undefined);
}

function ended({ session, user }: ActiveSession, reason: string): Entry {
  return {
    type: "session.ended",
    session_id: session.id,
    user_id: user.id,
    code: null,
    reason,
  };
}

describe("the audit trail records", () => {
  it("[A1] a sign-in, with session and user, and that it replaced the browser's old session", async () => {
    const old = await signIn();

    const entries = await readNew(() => signIn(old.sessionToken));

    expect(entries).toEqual([
      {
        type: "flow.completed",
        session_id: expect.any(String),
        user_id: old.user.id,
        code: null,
        reason: null,
      },
      ended(old, "replaced"),
    ]);
  });

  it("[A2] a refusal, with its code", async () => {
    const flow = await auth.initiateFlow({ scopes: ["User.Read"] });
    const state = new URL(flow.authorizationUrl).searchParams.get("state");

    const entries = await readNew(
      toAct(() =>
        auth.completeFlow({
          ...parseCallback({ state: state ?? "", code: "x" }),
          browserToken: undefined,
        }),
      ),
    );

    expect(entries).toEqual([
      {
        type: "flow.failed",
        session_id: null,
        user_id: null,
        code: "browser_mismatch",
        reason: null,
      },
    ]);
  });

  it("nothing for a callback without a flow", async () => {
    const entries = await readNew(
      toAct(() =>
        auth.completeFlow({
          ...parseCallback({ state: "A".repeat(43), code: "x" }),
          browserToken: undefined,
        }),
      ),
    );

    expect(entries).toEqual([]);
  });

  it("[A3] a sign-out, a revocation, a sign-out everywhere and a sign-out at the provider as the reason why a session ended", async () => {
    const [one, two, three, four] = [
      await signIn(),
      await signIn(),
      await signIn(),
      await signIn(),
    ];
    const others = await auth.listSessions(one);
    for (const { id } of others)
      if (![one, two, three, four].some(({ session }) => session.id === id))
        await auth.revokeSession(one, id);

    const entries = await readNew(async () => {
      await auth.endSession(one.sessionToken);
      await auth.revokeSession(two, two.session.id);
      const { session } = await findStored({ stores }, three);
      await auth.endProviderSession(session.providerSessionId ?? "");
      await auth.endAllSessions(four);
    });

    expect(entries).toEqual([
      ended(one, "signed_out"),
      ended(two, "revoked"),
      ended(three, "provider_signed_out"),
      ended(four, "signed_out_everywhere"),
    ]);
  });

  it("[A4] that a session ended by its timeouts", async () => {
    const signedIn = await signIn();
    // The idle timeout, and five minutes for the difference of clocks.
    offsetSeconds += 3600 + 301;

    const entries = await readNew(() => auth.deleteExpired());
    offsetSeconds = 0;

    expect(entries).toEqual([ended(signedIn, "expired")]);
  });

  it("[A6] that a token was refused, with its code, session and user", async () => {
    const signedIn = await signIn();
    emulator.control.revokeRefreshTokens(ada.upn);

    const entries = await readNew(
      toAct(() =>
        auth.acquireAccessToken(signedIn, {
          scopes: ["User.Read"],
          forceRefresh: true,
        }),
      ),
    );

    expect(entries).toEqual([
      {
        type: "token.refused",
        session_id: signedIn.session.id,
        user_id: signedIn.user.id,
        code: "interaction_required",
        reason: null,
      },
    ]);
    emulator.control.advanceClock(2);
  });

  it("[A5] that a user was disabled and enabled, by whom, and which session that ended", async () => {
    const signedIn = await signIn();
    emulator.control.autoSignIn(ben.upn);
    const administrator = await signIn();
    emulator.control.autoSignIn({ upn: ada.upn, times: "always" });

    const entries = await readNew(async () => {
      await auth.administration.disableUser(administrator, signedIn.user.id);
      await auth.administration.enableUser(administrator, signedIn.user.id);
    });

    const recorded = entries.map(({ type, reason }) => [type, reason]);
    expect(recorded).toContainEqual(["user.disabled", null]);
    expect(recorded).toContainEqual(["session.ended", "user_disabled"]);
    expect(recorded.at(-1)).toEqual(["user.enabled", null]);
    expect(
      new Set(
        database.database
          .prepare("SELECT actor_id FROM auth_event WHERE type LIKE 'user.%'")
          .pluck()
          .all(),
      ),
    ).toEqual(new Set([administrator.user.id]));
  });

  it("[A7] entries that cannot be changed: UPDATE, DELETE and REPLACE are refused", () => {
    const { database: connection } = database;
    const before = connection.prepare("SELECT * FROM auth_event").all();

    for (const statement of [
      "UPDATE auth_event SET code = NULL, user_id = NULL",
      "DELETE FROM auth_event WHERE type = 'flow.failed'",
      "REPLACE INTO auth_event SELECT * FROM auth_event",
    ])
      expect(() => connection.exec(statement), statement).toThrow(
        expect.objectContaining({ code: "SQLITE_CONSTRAINT_TRIGGER" }),
      );

    expect(before.length).toBeGreaterThan(10);
    expect(connection.prepare("SELECT * FROM auth_event").all()).toEqual(
      before,
    );
  });
});
