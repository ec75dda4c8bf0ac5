import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createDrizzleProject } from "../../../test/support/drizzle-project.js";
import type { DrizzleProject } from "../../../test/support/drizzle-project.js";
import { openTestDatabase } from "../../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../../test/sqlite-test-database.js";
import {
  listUnprefixedMigrations,
  listUnprefixedStatements,
} from "../../../test/support/unprefixed-tables.js";
import { migrateSqlite } from "./migrate.js";
import { sqliteMigrations } from "./migrations.js";
import { formatTriggers } from "./migration/triggers.js";

const ownTables = `
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
export const user = sqliteTable("user", { id: text("id").primaryKey().references(() => authUser.id) });
`;

let opened: TestDatabase;
let project: DrizzleProject | undefined;

beforeEach(() => {
  opened = openTestDatabase();
});

afterEach(() => {
  project?.close();
  opened.close();
});

describe("drizzle-kit, on an app's schema that includes createSchema()", () => {
  it.each([["auth_"], ["crm_"]])(
    "pushes only the app's own table to a database that we migrated with the prefix %s",
    async (prefix) => {
      migrateSqlite(opened.database, { prefix });
      project = createDrizzleProject(
        "sqlite",
        opened.path,
        { prefix },
        ownTables,
      );

      const first = await project.run("push");
      const second = await project.run("push");

      expect(first).toContain("CREATE TABLE `user`");
      expect(first).not.toMatch(/DROP|ALTER|(TABLE|INDEX) `(auth|crm)_/);
      expect(second).toContain("No changes detected");
    },
    120_000,
  );

  it("pushes no change of our tables to an upgraded database", async () => {
    for (const statement of listUnprefixedStatements(
      "sqlite",
      listUnprefixedMigrations(sqliteMigrations),
    ))
      opened.database.exec(statement);
    migrateSqlite(opened.database);
    project = createDrizzleProject("sqlite", opened.path, {}, "");

    expect(await project.run("push")).toContain("No changes detected");
  }, 120_000);

  it("generates migrations that, with formatTriggers(), create exactly our tables", async () => {
    project = createDrizzleProject("sqlite", opened.path, {}, ownTables);
    await project.run("generate");
    opened.database.exec(project.readMigrations());
    opened.database.exec(formatTriggers());

    migrateSqlite(opened.database, { migrate: false });

    expect(await project.run("generate")).toContain("No schema changes");
    expect(await project.run("push")).toContain("No changes detected");
  }, 120_000);
});
