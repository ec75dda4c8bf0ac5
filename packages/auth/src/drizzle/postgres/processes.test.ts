import { openPostgresDatabase } from "../../../test/support/postgres-test-database.js";
import { describeProcesses } from "../../../test/support/store-process-contract.js";
import { migratePostgres } from "./migrate.js";
import { postgresMigrations } from "./migrations.js";
import { createPostgresStores } from "./stores.js";

describeProcesses({
  name: "one PostgreSQL database",
  worker: "postgres-worker.mjs",
  migrations: postgresMigrations,
  async open() {
    const { pool, url, close } = await openPostgresDatabase();
    return {
      place: url,
      async openStores() {
        await migratePostgres(pool);
        return createPostgresStores(pool);
      },
      async readAppliedTags() {
        const { rows } = await pool.query<{ readonly tag: string }>(
          "SELECT tag FROM auth_migration ORDER BY tag",
        );
        return rows.map(({ tag }) => tag);
      },
      close,
    };
  },
});
