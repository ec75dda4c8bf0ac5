import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import type { PostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import { readRepositoryFile } from "../support/container-files.js";
import { startServerProcess } from "../support/processes.js";
import type { ServerProcess } from "../support/processes.js";
import { createVisitor } from "../support/visitor.js";

const { ada, ben } = builtInPeople;

/** Returns the prefix of the audit entry IDs at the beginning of the month that many months from now. */
function formatFirstId(months: number): string {
  const now = new Date();
  const instant = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months);
  return instant.toString(16).padStart(12, "0");
}

describe("partition.sql", () => {
  let postgres: PostgresServer;
  let emulator: EntraEmulator;
  let server: ServerProcess;
  let client: Client;

  beforeAll(async () => {
    postgres = await startPostgresServer();
    emulator = await startEntraEmulator();
    server = await startServer();
    client = new Client({ connectionString: postgres.url() });
    await client.connect();
  }, 180_000);

  afterAll(async () => {
    await server?.stop();
    await client?.end();
    await emulator?.close();
    await postgres?.close();
  });

  function startServer(): Promise<ServerProcess> {
    return startServerProcess({
      authority: emulator.origin,
      environment: { DATABASE_URL: postgres.url() },
    });
  }

  async function readTexts(statement: string): Promise<readonly string[]> {
    const { rows } = await client.query<{ text: string }>(statement);
    return rows.map(({ text }) => text);
  }

  /** Returns constraints, indexes and triggers, without those of partitions. */
  function readRules(): Promise<readonly string[]> {
    return readTexts(
      `SELECT text FROM (SELECT conname || ' ' || pg_get_constraintdef(oid) AS text FROM pg_constraint
        WHERE conrelid = ANY('{auth_flow,auth_session,auth_token_cache,auth_event}'::regclass[]) AND contype IN ('p', 'f', 'n')
      UNION ALL SELECT replace(indexdef, ' ON ONLY ', ' ON ') FROM pg_indexes
        WHERE tablename = ANY('{auth_flow,auth_session,auth_token_cache,auth_event}')
      UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger
        WHERE tgrelid = ANY('{auth_flow,auth_session,auth_token_cache,auth_event}'::regclass[]) AND NOT tgisinternal
) AS rule ORDER BY text COLLATE "C"`,
    );
  }

  it("partitions the tables of a running server, and sign-in and sign-out still work", async () => {
    const before = createVisitor(server.origin);
    await before.signIn(ada.upn);
    const pending = createVisitor(server.origin);
    const query = await pending.reachCallback(ben.upn);
    const rules = await readRules();

    // Months are in UTC, whatever the session's time zone is.
    await client.query("SET TIME ZONE 'America/New_York'");
    await client.query(readRepositoryFile("apps/server/partition.sql"));

    expect((await before.query("auth.me")).data?.user.objectId).toBe(
      ada.home.objectId,
    );
    expect((await pending.mutate("auth.callback", query)).status).toBe(200);
    expect((await before.mutate("auth.logout")).status).toBe(200);
    expect((await createVisitor(server.origin).signIn(ada.upn)).status).toBe(
      200,
    );
    expect(await readRules()).toEqual(rules);
  });

  it("makes queries by key read one partition", async () => {
    const plan = await client.query<{ "QUERY PLAN": string }>(
      `EXPLAIN SELECT * FROM auth_session JOIN auth_user ON auth_user.id = user_id WHERE auth_session.id = 'any'`,
    );

    const lines = plan.rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(lines.match(/auth_session_\d+/g)).not.toBeNull();
    expect(new Set(lines.match(/\bon auth_session_\d+\b/g)).size).toBe(1);
  });

  it("distributes the rows of each table over its partitions, the audit trail by month", async () => {
    const month = new Date().toISOString().slice(0, 7).replace("-", "_");

    expect(
      await readTexts(
        "SELECT DISTINCT tableoid::regclass::text AS text FROM auth_event",
      ),
    ).toEqual([`auth_event_${month}`]);
    expect(
      await readTexts(
        `SELECT pg_get_expr(relpartbound, oid) AS text FROM pg_class WHERE relname = 'auth_event_${month}'`,
      ),
    ).toEqual([
      `FOR VALUES FROM ('${formatFirstId(0)}') TO ('${formatFirstId(1)}')`,
    ]);
    expect(
      await readTexts(
        "SELECT relname AS text FROM pg_partition_tree('auth_session') JOIN pg_class ON oid = relid WHERE isleaf",
      ),
    ).toHaveLength(16);
  });

  it("protects the audit trail against statements on one of its partitions", async () => {
    const [partition = ""] = await readTexts(
      "SELECT DISTINCT tableoid::regclass::text AS text FROM auth_event",
    );

    for (const statement of [
      `UPDATE ${partition} SET code = NULL`,
      `DELETE FROM ${partition}`,
      `TRUNCATE ${partition}`,
    ])
      await expect(client.query(statement)).rejects.toThrow(/audit trail/);
  });

  it("leaves a database that the next start accepts as migrated", async () => {
    await server.stop();

    server = await startServer();

    expect((await createVisitor(server.origin).signIn(ben.upn)).status).toBe(
      200,
    );
  });
});
