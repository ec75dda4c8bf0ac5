import { defineConfig } from "drizzle-kit";

import { createSchema } from "./src/drizzle/sqlite/schema.js";

// All tables but the journal, which is made before the first migration. drizzle-kit reads them from here.
export const {
  authEvent,
  authFlow,
  authLease,
  authRateLimit,
  authSession,
  authTokenCache,
  authUser,
  authUserClient,
} = createSchema();

export default defineConfig({
  dialect: "sqlite",
  schema: "./drizzle.sqlite.config.ts",
  out: "./drizzle/sqlite",
});
