import { rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openMigratedTestDatabase } from "../../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../../test/sqlite-test-database.js";
import { checkSqlite } from "./check.js";

const unavailable = expect.objectContaining({
  name: "AuthError",
  code: "store_unavailable",
});

let opened: TestDatabase;

beforeEach(() => {
  opened = openMigratedTestDatabase();
});

afterEach(() => opened.close());

describe("checkSqlite", () => {
  it("resolves if the tables are empty", async () => {
    await expect(checkSqlite(opened.database)).resolves.toBeUndefined();
  });

  it("rejects when the connection is closed", async () => {
    opened.database.close();

    await expect(checkSqlite(opened.database)).rejects.toEqual(unavailable);
  });

  it("rejects when the tables are missing", async () => {
    opened.database.exec("DROP TABLE auth_session");

    await expect(checkSqlite(opened.database)).rejects.toEqual(unavailable);
  });

  it("rejects when the file was deleted, although SQLite still has it open", async () => {
    rmSync(opened.path);

    await expect(checkSqlite(opened.database)).rejects.toEqual(unavailable);
  });

  it("rejects when the file is not a database", async () => {
    writeFileSync(opened.path, "not a database");

    await expect(checkSqlite(opened.database)).rejects.toEqual(unavailable);
  });
});
