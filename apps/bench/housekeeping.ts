// Prints how long the deletion of expired rows blocks the process on SQLite for several batch sizes, with a million
// expired rows of each kind, and once with SQLite's automatic checkpoints. Each case is measured several times and the
// best run is printed, so that other load of the machine has the least effect.
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuditTrail } from "@entrada/auth";
import type { Auth } from "@entrada/auth";
import {
  createSqliteStores,
  migrateSqlite,
} from "@entrada/auth/drizzle/sqlite";
import { createTestAuth } from "@entrada/auth/testing";
import Database from "better-sqlite3";
import { startCheckpoints } from "../../packages/auth/src/environment/database/sqlite-checkpoints.js";
import { clientId } from "./scale/rows.js";

const rows = Number(process.argv[2] ?? 1_000_000);
const rounds = 60;
const warmUpRounds = 5;
const repetitions = 3;
const batchSizes = [25, 50, 100, 200];

const folder = await mkdtemp(join(tmpdir(), "entrada-bench-"));
const path = join(folder, "bench.db");
try {
  fill();
  for (const size of batchSizes) await measure(size, "in a thread");
  await measure(50, "by SQLite itself");
} finally {
  await rm(folder, { recursive: true });
}

/** Fills the database with rows that expired, or were added, at random times of 2025. */
function fill(): void {
  const client = new Database(path);
  client.pragma("journal_mode = OFF");
  client.pragma("synchronous = OFF");
  client.pragma("cache_size = -1000000");
  migrateSqlite(client);
  const moment = "1735689600000 + abs(random() % 31536000) * 1000";
  const name = "lower(hex(randomblob(16)))";
  client.exec(`
    CREATE TEMP TABLE number AS WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < ${rows}) SELECT n FROM count;
    INSERT INTO auth_user SELECT 'user-' || n, ${name}, ${name}, 'Ada Lovelace', 'ada@contoso.test' FROM number WHERE n <= 1000;
    INSERT INTO auth_user_client SELECT id, '${clientId}', ${name}, NULL, '[]', '[]', 1, 1, NULL FROM auth_user;
    INSERT INTO auth_session (id, client_id, user_id, secret_digest, provider_session_id, logout_hint, partition_key, user_agent, created_at, last_seen_at, idle_expires_at, expires_at)
      SELECT ${name}, '${clientId}', 'user-' || (n % 1000 + 1), ${name}, ${name}, ${name}, 'partition-' || n, 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36', 1, 1, ${moment}, 1 FROM number;
    INSERT INTO auth_token_cache SELECT 'partition-' || n, hex(zeroblob(2000)), 1, ${moment}, '${clientId}' FROM number ORDER BY random();
    INSERT INTO auth_flow (client_id, state_digest, browser_token_digest, nonce, sealed_code_verifier, scopes, return_url, issuer, created_at, expires_at)
      SELECT '${clientId}', ${name}, ${name}, ${name}, ${name}, '["User.Read"]', 'https://app.test/orders', 'https://login.test/v2.0', 1, ${moment} FROM number;
    INSERT INTO auth_rate_limit SELECT 'login:' || ${name}, 1, ${moment} FROM number;
    INSERT INTO auth_event (client_id, id, type, occurred_at, tenant_id, session_id, user_id)
      SELECT '${clientId}', printf('%012x', occurred_at) || '000000.' || ${name}, 'session.ended', occurred_at, 'tenant', ${name}, 'user-' || n
      FROM (SELECT n, ${moment} AS occurred_at FROM number) ORDER BY occurred_at;
  `);
  client.close();
}

async function measure(
  batchSize: number,
  checkpoints: "in a thread" | "by SQLite itself",
): Promise<void> {
  const runs: (readonly Turn[])[] = [];
  for (let count = 0; count < repetitions; count += 1)
    runs.push(await run(batchSize, checkpoints === "in a thread"));
  print(`${batchSize} rows, checkpoints ${checkpoints}`, runs);
}

async function run(
  batchSize: number,
  hasThread: boolean,
): Promise<readonly Turn[]> {
  const client = new Database(path, { timeout: 2 });
  client.pragma("journal_mode = WAL");
  client.pragma("synchronous = NORMAL");
  const { settle, stop } = hasThread
    ? startCheckpoints(client, (error) => console.error(error))
    : { settle: async () => undefined, stop: async () => undefined };
  const auth = createHousekeeper(client);
  const deleteBatches = async (count: number) => {
    for (let batch = 0; batch < count; batch += 1) {
      await auth.deleteExpired(batchSize);
      await settle();
    }
  };
  await deleteBatches(warmUpRounds);
  const turns = startCounting();
  await deleteBatches(rounds);
  const counted = turns();
  await auth.releaseHousekeeping();
  await stop();
  client.close();
  return counted;
}

function createHousekeeper(client: Database.Database): Auth {
  const stores = createSqliteStores(client);
  const { record } = createAuditTrail({
    auditStore: stores.auditStore,
    onFailure: (error) => console.error(error),
  });
  return createTestAuth({ stores, onEvent: record, auditRetentionDays: 30 })
    .auth;
}

/** The duration of one turn of the event loop, and the time for which this thread was running. */
interface Turn {
  readonly wall: number;
  readonly running: number;
}

/** Measures every turn of the event loop until the returned function is called. */
function startCounting(): () => readonly Turn[] {
  const turns: Turn[] = [];
  let isCounting = true;
  let last = { wall: performance.now(), running: readRunning() };
  const count = () => {
    const now = { wall: performance.now(), running: readRunning() };
    turns.push({
      wall: now.wall - last.wall,
      running: now.running - last.running,
    });
    last = now;
    if (isCounting) setImmediate(count);
  };
  setImmediate(count);
  return () => {
    isCounting = false;
    return turns;
  };
}

// Only Linux reports the running time of a thread without the time of other programs.
function readRunning(): number {
  const file = `/proc/self/task/${process.pid}/schedstat`;
  if (!existsSync(file)) return performance.now();
  return Number(readFileSync(file, "utf8").split(" ")[0]) / 1e6;
}

function print(name: string, runs: readonly (readonly Turn[])[]): void {
  console.log(`${name}:`);
  for (const kind of ["running", "wall"] as const) {
    const sorted = runs.map((turns) => sortLong(turns, kind));
    const at = (share: number) =>
      Math.min(
        ...sorted.map(
          (values) => values[Math.floor((values.length - 1) * share)] ?? 0,
        ),
      ).toFixed(1);
    console.log(
      `  ${kind.padEnd(7)} median ${at(0.5)}, 99% ${at(0.99)}, longest ${at(1)} ms`,
    );
  }
}

/** Returns the turns in which a statement ran, sorted. Other turns only waited. */
function sortLong(turns: readonly Turn[], kind: keyof Turn): readonly number[] {
  return turns
    .filter(({ running }) => running > 0.5)
    .map((turn) => turn[kind])
    .toSorted((one, other) => one - other);
}
