export { checkPostgres } from "./drizzle/postgres/check.js";
export { migratePostgres } from "./drizzle/postgres/migrate.js";
export type { PostgresMigrationOptions } from "./drizzle/postgres/migrate.js";
export { postgresMigrations } from "./drizzle/postgres/migrations.js";
export { createSchema } from "./drizzle/postgres/schema.js";
export { createPostgresStores } from "./drizzle/postgres/stores.js";
export type { PostgresStoreOptions } from "./drizzle/postgres/stores.js";
export type {
  PostgresNames,
  PostgresTables,
} from "./drizzle/postgres/schema.js";
export { formatTriggers } from "./drizzle/postgres/migration/triggers.js";
export { SchemaError } from "./drizzle/schema-error.js";
export type { Migration } from "./drizzle/migration.js";
