import type { PoolClient } from "pg";

import { requireNoneTaken } from "../../migration.js";
import { runStatement } from "../connection.js";

/** @throws {SchemaError} if the schema already uses any of the names; the message lists them. */
export async function requireFree(
  client: PoolClient,
  names: readonly string[],
): Promise<void> {
  const { rows } = await runStatement<{ readonly name: string }>(
    client,
    listTaken,
    [names.join()],
  );
  requireNoneTaken(rows.map(({ name }) => name));
}

const listTaken = `
  SELECT name FROM unnest(string_to_array($1, ',')) AS name
  WHERE EXISTS (SELECT FROM pg_class WHERE relname = name AND relnamespace = current_schema()::regnamespace)
    OR EXISTS (SELECT FROM pg_type WHERE typname = name AND typnamespace = current_schema()::regnamespace)
    OR EXISTS (SELECT FROM pg_proc WHERE proname = name AND pronamespace = current_schema()::regnamespace)`;
