import { describe, it } from "vitest";

import { describeStores } from "../testing/store-contract.js";
import { createSqliteStores } from "./sqlite-stores.js";
import { openMigratedTestDatabase } from "../../test/sqlite-test-database.js";

describeStores({ describe, it }, "createSqliteStores", async () => {
  const { database, close } = openMigratedTestDatabase();
  return { stores: createSqliteStores(database), close: async () => close() };
});
