import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { listCalls } from "../../../test/support/store-calls.js";
import { openMigratedPostgresDatabase } from "../../../test/support/postgres-test-database.js";
import type { PostgresTestDatabase } from "../../../test/support/postgres-test-database.js";
import { createPostgresStores } from "./stores.js";

let opened: PostgresTestDatabase;
/** The plan of each statement of the stores, by its name. */
let plans: ReadonlyMap<string, string>;

beforeAll(async () => {
  opened = await openMigratedPostgresDatabase();
  const pool = opened.openPool({ max: 1 });
  for (const call of listCalls(createPostgresStores(pool)))
    await call().catch(() => undefined);
  await opened.empty();
  await opened.pool.query(manyRows);
  plans = await explainPrepared(pool);
});

afterAll(() => opened.close());

/** Enough rows for indexes to be used, in organisations of very different size. */
const manyRows = `
  INSERT INTO auth_user (id, tenant_id, object_id, name) SELECT 'user-' || n, CASE n % 900 WHEN 0 THEN 'small' ELSE 'large' END, 'object-' || n, 'Name ' || n FROM generate_series(1, 5000) n;
  INSERT INTO auth_user_client (user_id, client_id, subject, roles, groups, created_at, last_sign_in_at) SELECT 'user-' || n, 'client-' || client, 'subject-' || n, '[]', '[]', now(), now() FROM generate_series(1, 5000) n, generate_series(1, 2) client;
  INSERT INTO auth_session (client_id, id, user_id, secret_digest, provider_session_id, logout_hint, partition_key, user_agent, authenticated_at, created_at, last_seen_at, idle_expires_at, expires_at) SELECT 'client-' || n % 2 + 1, 'session-' || n, 'user-' || n % 5000 + 1, 'digest', 'sid-' || n, NULL, 'partition-' || n % 5000, NULL, NULL, now(), now(), now() + n * interval '1 s', now() + interval '1 d' FROM generate_series(1, 10000) n;
  INSERT INTO auth_flow (client_id, state_digest, browser_token_digest, nonce, sealed_code_verifier, scopes, return_url, issuer, max_age_seconds, created_at, expires_at) SELECT 'client-' || n % 2 + 1, 'state-' || n, 'browser', 'nonce', 'sealed', '[]', 'https://app.test/', 'issuer', NULL, now(), now() + n * interval '1 s' FROM generate_series(1, 5000) n;
  INSERT INTO auth_token_cache (client_id, partition_key, sealed_cache, version, expires_at) SELECT 'client-' || n % 2 + 1, 'partition-' || n, 'sealed', 1, now() + n * interval '1 s' FROM generate_series(1, 5000) n;
  INSERT INTO auth_rate_limit SELECT 'key-' || n, 1, n FROM generate_series(1, 5000) n;
  INSERT INTO auth_lease SELECT 'lease-' || n, 'holder', now() FROM generate_series(1, 5000) n;
  INSERT INTO auth_event (client_id, id, type, occurred_at, tenant_id, flow_id, session_id, user_id, actor_id, code, aadsts, reason) SELECT 'client-' || n % 2 + 1, 'event-' || lpad(n::text, 8, '0'), 'user.disabled', now(), CASE n % 900 WHEN 0 THEN NULL WHEN 1 THEN 'small' ELSE 'large' END, NULL, NULL, 'user-' || n, NULL, NULL, NULL, NULL FROM generate_series(1, 10000) n;
  ANALYZE`;

/** Reads PostgreSQL's generic plan of a statement, which does not depend on its values. */
async function explainPrepared(
  pool: Pool,
): Promise<ReadonlyMap<string, string>> {
  await pool.query("SET plan_cache_mode = force_generic_plan");
  const { rows } = await pool.query<{
    readonly name: string;
    readonly call: string;
  }>(
    `SELECT name, format('%I(%s)', name, array_to_string(array_fill('NULL'::text, ARRAY[cardinality(parameter_types)]), ', ')) AS call
    FROM pg_prepared_statements`,
  );
  const explained = new Map<string, string>();
  for (const { name, call } of rows) {
    const plan = await pool.query<{ readonly "QUERY PLAN": string }>(
      `EXPLAIN (COSTS OFF) EXECUTE ${call}`,
    );
    explained.set(name, plan.rows.map((row) => row["QUERY PLAN"]).join("\n"));
  }
  return explained;
}

// Sequential scans are allowed: without them, a plan would only show that an index can be used. With this many rows, a
// sequential scan shows a missing index.
describe("the plan of every statement of the stores", () => {
  it("finds its rows by index, except expired leases, which are few", () => {
    const scanning = [...plans]
      .filter(([, plan]) => plan.includes("Seq Scan"))
      .map(([name]) => name);

    expect(scanning).toEqual(["auth_lease_delete_expired"]);
    expect(plans.size).toBe(34);
  });

  it("sorts only one user's sessions and the merge of two pages", () => {
    const sorting = [...plans]
      .filter(([, plan]) => /\bSort\b(?! Key)/.test(plan))
      .map(([name]) => name);

    expect(sorting.toSorted()).toEqual([
      // At most twice the limit.
      "auth_event_list_with_unattributed",
      "auth_session_end_all_of_user",
      "auth_session_end_by_provider_session",
      "auth_session_end_by_subject",
      "auth_session_list",
    ]);
  });

  it.each([
    [
      "session_find",
      [
        "auth_session_pkey",
        "auth_user_pkey",
        "auth_user_client_user_id_client_id_pk",
      ],
    ],
    ["session_admit", ["auth_user_tenant_id_object_id", "auth_session_pkey"]],
    ["user_find_by_object_id", ["auth_user_tenant_id_object_id"]],
    ["session_list", ["auth_session_user_id_client_id"]],
    [
      "session_end_by_provider_session",
      ["auth_session_provider_session_id_client_id"],
    ],
    [
      "session_end_by_subject",
      ["auth_user_client_client_id_subject", "auth_session_user_id_client_id"],
    ],
    ["session_delete_expired", ["auth_session_client_id_idle_expires_at"]],
    ["user_list", ["auth_user_tenant_id_name_id", "Cond: (tenant_id = $2)"]],
    [
      "user_list_after",
      [
        "auth_user_tenant_id_name_id",
        "Cond: ((tenant_id = $2) AND (ROW(lower(name), id) > ROW(",
      ],
    ],
    [
      "event_list",
      [
        "auth_event_client_id_tenant_id_id",
        "Cond: ((client_id = $1) AND (tenant_id >= $2) AND (ROW(tenant_id, id) < ROW($3, $4)))",
      ],
    ],
    [
      "event_list_with_unattributed",
      [
        "Cond: ((client_id = $1) AND (tenant_id >= $2) AND (ROW(tenant_id, id) < ROW($3, $4)))",
        "Cond: ((client_id = $6) AND (tenant_id IS NULL) AND (id < $7))",
      ],
    ],
    [
      "event_delete_before",
      [
        "auth_event_client_id_id",
        "Cond: ((client_id >= $1) AND (ROW(client_id, id) < ROW($2, $3)))",
      ],
    ],
    ["flow_take", ["auth_flow_pkey"]],
    ["flow_delete_expired", ["auth_flow_expires_at"]],
    ["token_cache_delete_expired", ["auth_token_cache_client_id_expires_at"]],
    ["token_cache_delete_unused", ["auth_session_partition_key_client_id"]],
    ["rate_limit_delete_expired", ["auth_rate_limit_expire"]],
  ])("uses the index made for auth_%s", (name, expected) => {
    const plan = plans.get(`auth_${name}`) ?? "";

    const missing = expected.filter((text) => !plan.includes(text));
    expect(missing, plan).toEqual([]);
  });
});
