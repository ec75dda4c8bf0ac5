import { openTestDatabase } from "../../test/sqlite-test-database.js";
import { describeProcesses } from "../../test/support/store-processes.js";
import { migrateSqlite } from "./sqlite-migrate.js";
import { sqliteMigrations } from "./sqlite-migrations.js";
import { createSqliteStores } from "./sqlite-stores.js";

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
          .prepare<[], string>("SELECT tag FROM entrada_migration ORDER BY tag")
          .pluck()
          .all(),
      close: async () => close(),
    };
  },
});
