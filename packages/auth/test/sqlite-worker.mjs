// A process that works on a SQLite file together with others.
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
