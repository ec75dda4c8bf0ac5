// A process that works on a PostgreSQL database together with others.
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
