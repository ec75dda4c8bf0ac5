import { fillPrefix, listTriggers } from "../../migration.js";
import { defaultPrefix, requirePrefix } from "../../prefix.js";
import { sqliteMigrations } from "../migrations.js";
import type { SqliteNames } from "../schema.js";

/**
 * Returns the SQL of the triggers, which Drizzle cannot declare, for an app whose own migrations create the tables. The
 * statements are separated as in a migration of drizzle-kit.
 */
export function formatTriggers({
  prefix = defaultPrefix,
}: SqliteNames = {}): string {
  return listTriggers(sqliteMigrations)
    .map((statement) => fillPrefix(statement, requirePrefix(prefix)))
    .join("\n--> statement-breakpoint\n");
}
