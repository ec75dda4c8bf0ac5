// One of several processes that work on one SQLite file.
import Database from "better-sqlite3";

import { loadSource } from "./load-source.mjs";
import { work } from "./store-worker.mjs";

const { createSqliteStores, migrateSqlite } =
  await loadSource("drizzle-sqlite.ts");

work((place) => {
  const database = new Database(place);
  return {
    createStores: () => createSqliteStores(database),
    migrate: async () => migrateSqlite(database),
    close: () => database.close(),
  };
});
