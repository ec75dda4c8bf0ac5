import type { Pool } from "pg";

import { useConnection } from "./connection.js";
import { toStoreError, unavailable } from "./error.js";

/**
 * Resolves if the database answers, may be written to and holds the tables. For a readiness probe.
 *
 * A replica that may only be read is not ready: nobody could sign in. How long this waits is the pool's to say.
 *
 * @throws {AuthError} `store_unavailable` otherwise.
 */
export async function checkPostgres(pool: Pool): Promise<void> {
  try {
    await useConnection(pool, async ({ client }) => {
      const { rows } = await client.query<{ readonly isReadOnly: boolean }>(
        question,
      );
      // Thrown here, it closes the connection: the next one may lead to the primary.
      if (rows[0]?.isReadOnly !== false) throw unavailable();
    });
  } catch (error) {
    throw toStoreError(error);
  }
}

const question = `SELECT current_setting('transaction_read_only')::boolean AS "isReadOnly", EXISTS (SELECT FROM session)`;
