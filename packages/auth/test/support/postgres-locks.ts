import type { Pool } from "pg";

/** A transaction that stays uncommitted until it is released. */
export interface HeldTransaction {
  /** Runs another statement in it. */
  run(statement: string): Promise<unknown>;
  /** Commits it. */
  release(): Promise<void>;
}

const held = new Set<HeldTransaction>();

/** Begins a transaction, runs the statements in it, and leaves it open. */
export async function hold(
  pool: Pool,
  ...statements: readonly string[]
): Promise<HeldTransaction> {
  const client = await pool.connect();
  const transaction = {
    run: (statement: string) => client.query(statement),
    async release() {
      held.delete(transaction);
      await client.query("COMMIT");
      client.release();
    },
  };
  held.add(transaction);
  await client.query("BEGIN");
  for (const statement of statements) await client.query(statement);
  return transaction;
}

/** Commits the transactions that a failed test left open. */
export async function releaseHeld(): Promise<void> {
  for (const transaction of held) await transaction.release();
}

const patienceMilliseconds = 20_000;

/**
 * Waits until `count` connections to the database wait for the lock of another one.
 *
 * @throws {Error} after 20 seconds.
 */
export async function waitForWaiting(pool: Pool, count: number): Promise<void> {
  const deadline = performance.now() + patienceMilliseconds;
  while ((await countWaiting(pool)) < count)
    if (performance.now() > deadline)
      throw new Error(
        `There are no ${count} connections that wait for a lock.`,
      );
}

async function countWaiting(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ readonly count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`,
  );
  return rows[0]?.count ?? 0;
}
