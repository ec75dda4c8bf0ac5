import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";

import { useConnection } from "./connection.js";
import { toStoreError, unavailable } from "./error.js";
import { createSchema } from "./schema.js";
import type { PostgresNames } from "./schema.js";

/**
 * Resolves if the database responds, is writable and contains the tables. For a readiness probe.
 *
 * A read-only replica is not ready, because every sign-in writes. The timeouts are those of the pool.
 *
 * @throws {AuthError} `store_unavailable` otherwise.
 */
export async function checkPostgres(
  pool: Pool,
  names: PostgresNames = {},
): Promise<void> {
  const { authSession } = createSchema(names);
  try {
    await useConnection(pool, async ({ client }) => {
      const { rows } = await drizzle({ client }).execute<{
        readonly isReadOnly: boolean;
      }>(
        sql`SELECT current_setting('transaction_read_only')::boolean AS "isReadOnly", EXISTS (SELECT FROM ${authSession})`,
      );
      // This error closes the connection: the next connection may lead to the primary.
      if (rows[0]?.isReadOnly !== false) throw unavailable();
    });
  } catch (error) {
    throw toStoreError(error);
  }
}
