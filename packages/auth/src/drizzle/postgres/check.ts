import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";

import { useConnection } from "./connection.js";
import { toStoreError, unavailable } from "./error.js";
import { createSchema } from "./schema.js";
import type { PostgresNames } from "./schema.js";

/**
 * Resolves if the database answers, may be written to and holds the tables. For a readiness probe.
 *
 * A replica that may only be read is not ready: nobody could sign in. How long this waits is the pool's to say.
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
      // Thrown here, it closes the connection: the next one may lead to the primary.
      if (rows[0]?.isReadOnly !== false) throw unavailable();
    });
  } catch (error) {
    throw toStoreError(error);
  }
}
