import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { openMigratedTestDatabase } from "../../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../../test/sqlite-test-database.js";
import { everywhere, listCalls } from "../../../test/support/store-calls.js";
import type { SessionId } from "../../core/identifiers.js";
import {
  addUser,
  brand,
  createAdmission,
  createSession,
  startSession,
} from "../../testing/store-samples.js";
import { createSqliteStores } from "./stores.js";

let opened: TestDatabase;

beforeEach(() => {
  opened = openMigratedTestDatabase();
});

afterEach(() => opened.close());

/** Returns the SQL of every statement of the stores. */
async function listStatements(): Promise<readonly string[]> {
  const prepare = vi.spyOn(opened.database, "prepare");
  const stores = createSqliteStores(opened.database);
  for (const call of listCalls(stores)) await call();
  const { secretDigest } = createSession();
  const replaces = { sessionId: brand<SessionId>("unknown"), secretDigest };
  await stores.sessionStore.admit(createAdmission({ replaces }));
  await stores.sessionStore.endByProviderSession(
    "provider-session-1",
    everywhere,
  );
  const statements = prepare.mock.calls.map(([source]) => source);
  prepare.mockRestore();
  return statements;
}

function explain(statement: string): string[] {
  const parameters = Array.from(statement.matchAll(/\?/g), () => null);
  const plan = opened.database.prepare<null[], { detail: string }>(
    `EXPLAIN QUERY PLAN ${statement}`,
  );
  return plan.all(...parameters).map(({ detail }) => detail);
}

// A constant row is not a row of a table.
function isWasteful(step: string): boolean {
  return /^SCAN(?! CONSTANT ROW)|TEMP B-TREE/.test(step);
}

/** Scans and sorts of few rows, for which an index would cost more than it saves. */
const allowed: readonly (readonly [statement: RegExp, step: string])[] = [
  // One user has few sessions. An index in their order would change at every renewal.
  [
    /^select .* from "auth_session" where \("auth_session"."user_id" = \?/,
    "USE TEMP B-TREE FOR ORDER BY",
  ],
  // There is one lease for each refresh in progress.
  [/^delete from "auth_lease" where .*"expires_at" <= \?/, "SCAN auth_lease"],
];

function isAllowed(statement: string, step: string): boolean {
  return allowed.some(
    ([pattern, name]) => pattern.test(statement) && step === name,
  );
}

describe("the SQLite tables", () => {
  it("let every statement of the stores find its rows by index", async () => {
    const statements = await listStatements();

    const plans = statements.map((statement) => ({
      statement,
      plan: explain(statement),
    }));

    const wasteful = plans.filter(({ statement, plan }) =>
      plan.some((step) => isWasteful(step) && !isAllowed(statement, step)),
    );
    expect(wasteful).toEqual([]);
    expect(statements.length).toBeGreaterThanOrEqual(35);
  });

  it.each([
    [
      "a user's sessions",
      /^select .* from "auth_session" .*order by/,
      ["auth_session_user_id_client_id (user_id=? AND client_id=?)"],
    ],
    [
      "an organisation's users",
      /^(?!.*"last")select .* from "auth_user" inner join .*order by/,
      ["auth_user_tenant_id_name_id (tenant_id=?)"],
    ],
    [
      "the next page of an organisation's users",
      /^select .* from "auth_user" "last" .*order by/,
      ["auth_user_tenant_id_name_id (tenant_id=? AND name>?)"],
    ],
    [
      "an organisation's entries of the audit trail",
      /^(?!.*union)select .* from "auth_event" /,
      [
        "auth_event_client_id_tenant_id_id (client_id=? AND tenant_id=? AND id<?)",
      ],
    ],
    [
      "an organisation's entries and entries without a user",
      /^select .* from "auth_event" .*union all/,
      [
        "MERGE",
        "auth_event_client_id_tenant_id_id (client_id=? AND tenant_id=? AND id<?)",
        "auth_event_client_id_tenant_id_id (client_id=? AND tenant_id=? AND id<?)",
      ],
    ],
    [
      "the sessions of an identity provider's session",
      /^delete from "auth_session" where .*"provider_session_id" =/,
      [
        "auth_session_provider_session_id_client_id (provider_session_id=? AND client_id=?)",
      ],
    ],
    [
      "the sessions of a subject",
      /^delete from "auth_session" where .* in \(select .*"subject" = \?/,
      [
        "auth_session_user_id_client_id (user_id=? AND client_id=?)",
        "auth_user_client_client_id_subject (client_id=? AND subject=?)",
      ],
    ],
  ])("let the stores find %s by index", async (_, pattern, expected) => {
    const all = await listStatements();
    const statements = all.filter((text) => pattern.test(text));

    const plan = statements.map(explain).flat();

    const steps = plan.filter((step) =>
      expected.some((text) => step.includes(text)),
    );
    expect(statements).toHaveLength(1);
    expect(steps, plan.join("\n")).toHaveLength(expected.length);
  });

  it("let a deleted user find their sessions by index", () => {
    expect(
      explain("DELETE FROM auth_session WHERE user_id = ?").join(),
    ).toContain("auth_session_user_id_client_id");
  });

  it("[S6] contain secrets only as digests or sealed", () => {
    const columns = opened.database
      .prepare<[], string>(
        "SELECT p.name FROM sqlite_schema s JOIN pragma_table_info(s.name) p WHERE s.type = 'table'",
      )
      .pluck()
      .all();

    const sensitive = columns.filter((name) =>
      /secret|token|verifier|state|cache|code|password|cookie/.test(name),
    );

    // `code` is the code of an error.
    expect(sensitive.toSorted()).toEqual([
      "browser_token_digest",
      "code",
      "sealed_cache",
      "sealed_code_verifier",
      "secret_digest",
      "state_digest",
    ]);
  });

  it("store instants as whole milliseconds and lists as JSON", async () => {
    const stores = createSqliteStores(opened.database);
    await addUser(stores, "user-ada", { groups: [] });

    const row = opened.database
      .prepare(
        "SELECT created_at, typeof(created_at) AS type, roles, groups FROM auth_user_client",
      )
      .get();

    expect(row).toEqual({
      created_at: 1772355600123,
      type: "integer",
      roles: '["Admin","Reader"]',
      groups: "[]",
    });
  });

  it("delete a user's sessions with the user", async () => {
    const stores = createSqliteStores(opened.database);
    const user = await addUser(stores);
    const { id } = await startSession(stores);

    opened.database.prepare("DELETE FROM auth_user WHERE id = ?").run(user.id);

    await expect(stores.sessionStore.find(id)).resolves.toBeUndefined();
  });
});

describe("the table of the rate limits", () => {
  it("has a key, a count and the end of its window", () => {
    const columns = opened.database
      .prepare(
        "SELECT name, type, dflt_value, pk FROM pragma_table_info('auth_rate_limit')",
      )
      .all();

    expect(columns).toEqual([
      { name: "key", type: "TEXT", dflt_value: null, pk: 1 },
      { name: "points", type: "INTEGER", dflt_value: "0", pk: 0 },
      { name: "expire", type: "INTEGER", dflt_value: null, pk: 0 },
    ]);
  });

  it("finds expired counts by index", () => {
    expect(
      explain("DELETE FROM auth_rate_limit WHERE expire < ?").join(),
    ).toContain("auth_rate_limit_expire");
  });
});
