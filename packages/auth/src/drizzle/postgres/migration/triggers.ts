import { fillPrefix, listTriggers } from "../../migration.js";
import { defaultPrefix, requirePrefix } from "../../prefix.js";
import { postgresMigrations } from "../migrations.js";
import type { PostgresNames } from "../schema.js";

/**
 * Returns the SQL of the triggers and their functions, which Drizzle cannot declare, for an app whose own migrations create
 * the tables. The statements are separated as in a migration of drizzle-kit.
 */
export function formatTriggers({
  prefix = defaultPrefix,
  schema,
}: PostgresNames = {}): string {
  const place =
    schema === undefined ? "" : `"${schema.replaceAll('"', '""')}".`;
  return listTriggers(postgresMigrations)
    .map((statement) =>
      fillPrefix(
        statement.replaceAll(
          /\b(FROM|FUNCTION|ON) (?="\{prefix\})/g,
          `$1 ${place}`,
        ),
        requirePrefix(prefix),
      ),
    )
    .join("\n--> statement-breakpoint\n");
}
