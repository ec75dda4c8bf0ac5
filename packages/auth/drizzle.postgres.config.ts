import { defineConfig } from "drizzle-kit";

import { createSchema } from "./src/drizzle/postgres/schema.js";

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
  dialect: "postgresql",
  schema: "./drizzle.postgres.config.ts",
  out: "./drizzle/postgres",
});
