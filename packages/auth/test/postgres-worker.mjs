// One of several processes that work on one PostgreSQL database.
import { Pool } from "pg";

import { loadSource } from "./load-source.mjs";
import { work } from "./store-worker.mjs";

const { createPostgresStores, migratePostgres } = await loadSource(
  "drizzle-postgres.ts",
);
work((connectionString) => {
  const pool = new Pool({ connectionString });
  return {
    createStores: () => createPostgresStores(pool),
    migrate: () => migratePostgres(pool),
    close: () => pool.end(),
  };
});
