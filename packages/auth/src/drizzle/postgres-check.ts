import type { Pool } from "pg";

import { useConnection } from "./postgres-connection.js";
import { toStoreError, unavailable } from "./postgres-error.js";

/**
 * Resolves if the database answers, may be written to and holds the tables. For a readiness probe.
 *
 * A replica that may only be read is not ready: nobody could sign in. How long this waits is the pool's to say.
 *
 * @throws {AuthError} `store_unavailable` otherwise.
 */
export async function checkPostgres(pool: Pool): Promise<void> {
  try {
    const { rows } = await useConnection(pool, ({ client }) =>
      client.query<{ readonly isReadOnly: boolean }>(question),
    );
    if (rows[0]?.isReadOnly !== false) throw unavailable();
  } catch (error) {
    throw toStoreError(error);
  }
}

const question = `SELECT current_setting('transaction_read_only')::boolean AS "isReadOnly", EXISTS (SELECT FROM session)`;
