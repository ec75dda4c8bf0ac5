import { afterAll, beforeAll, describe, it } from "vitest";

import { openMigratedPostgresDatabase } from "../../../test/support/postgres-test-database.js";
import type { PostgresTestDatabase } from "../../../test/support/postgres-test-database.js";
import { describeStores } from "../../testing/contract/store-contract.js";
import { createPostgresStores } from "./stores.js";

let opened: PostgresTestDatabase;

beforeAll(async () => {
  opened = await openMigratedPostgresDatabase();
});

afterAll(() => opened.close());

describeStores({ describe, it }, "createPostgresStores", async () => ({
  stores: createPostgresStores(opened.pool),
  createStoresOf: (clientId) => createPostgresStores(opened.pool, { clientId }),
  close: () => opened.empty(),
}));
