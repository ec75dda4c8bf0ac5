import { openTestDatabase } from "../../../test/sqlite-test-database.js";
import { describeProcesses } from "../../../test/support/store-process-contract.js";
import { migrateSqlite } from "./migrate.js";
import { sqliteMigrations } from "./migrations.js";
import { createSqliteStores } from "./stores.js";

describeProcesses({
  name: "one SQLite file",
  worker: "sqlite-worker.mjs",
  migrations: sqliteMigrations,
  async open() {
    const { database, path, close } = openTestDatabase();
    return {
      place: path,
      async openStores() {
        migrateSqlite(database);
        return createSqliteStores(database);
      },
      readAppliedTags: async () =>
        database
          .prepare<[], string>("SELECT tag FROM auth_migration ORDER BY tag")
          .pluck()
          .all(),
      close: async () => close(),
    };
  },
});
