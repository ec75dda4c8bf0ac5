import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createDrizzleProject } from "../../../test/support/drizzle-project.js";
import type { DrizzleProject } from "../../../test/support/drizzle-project.js";
import { openPostgresDatabase } from "../../../test/support/postgres-test-database.js";
import type { PostgresTestDatabase } from "../../../test/support/postgres-test-database.js";
import {
  listUnprefixedMigrations,
  listUnprefixedStatements,
} from "../../../test/support/unprefixed-tables.js";
import { migratePostgres } from "./migrate.js";
import { postgresMigrations } from "./migrations.js";
import { formatTriggers } from "./migration/triggers.js";

const ownTables = `
import { pgTable, text } from "drizzle-orm/pg-core";
export const user = pgTable("user", { id: text("id").primaryKey().references(() => authUser.id) });
`;

let opened: PostgresTestDatabase;
let project: DrizzleProject | undefined;

beforeEach(async () => {
  opened = await openPostgresDatabase();
});

afterEach(async () => {
  project?.close();
  await opened.close();
});

describe("drizzle-kit, on an app's schema that includes createSchema()", () => {
  it.each([[{}], [{ prefix: "crm_", schema: "ours" }]])(
    "pushes only the app's own table to a database that we migrated with %j",
    async (names) => {
      await migratePostgres(opened.pool, names);
      project = createDrizzleProject(
        "postgresql",
        opened.url,
        names,
        ownTables,
      );

      const first = await project.run("push");
      const second = await project.run("push");

      expect(first).toContain('CREATE TABLE "user"');
      expect(first).not.toMatch(
        /DROP|SCHEMA "|(TABLE|INDEX) ("ours".)?"(auth|crm)_/,
      );
      expect(second).toContain("No changes detected");
    },
    120_000,
  );

  it("pushes no change of our tables to an upgraded database", async () => {
    for (const statement of listUnprefixedStatements(
      "postgres",
      listUnprefixedMigrations(postgresMigrations),
    ))
      await opened.pool.query(statement);
    await migratePostgres(opened.pool);
    project = createDrizzleProject("postgresql", opened.url, {}, "");

    expect(await project.run("push")).toContain("No changes detected");
  }, 120_000);

  it("generates migrations that, with formatTriggers(), create exactly our tables", async () => {
    project = createDrizzleProject("postgresql", opened.url, {}, ownTables);
    await project.run("generate");
    await opened.pool.query(project.readMigrations());
    await opened.pool.query(formatTriggers());

    await migratePostgres(opened.pool, { migrate: false });

    expect(await project.run("generate")).toContain("No schema changes");
    expect(await project.run("push")).toContain("No changes detected");
  }, 120_000);
});
