export { checkSqlite } from "./drizzle/sqlite/check.js";
export { migrateSqlite } from "./drizzle/sqlite/migrate.js";
export { sqliteMigrations } from "./drizzle/sqlite/migrations.js";
export { createSchema } from "./drizzle/sqlite/schema.js";
export { createSqliteStores } from "./drizzle/sqlite/stores.js";
export type { SqliteStoreOptions } from "./drizzle/sqlite/stores.js";
export type { SqliteNames, SqliteTables } from "./drizzle/sqlite/schema.js";
export type { Migration } from "./drizzle/migration.js";
