import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import { pgTable, text as pgText } from "drizzle-orm/pg-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSchema } from "../drizzle/sqlite/schema.js";
import { signInAs } from "../testing/app/sign-in-as.js";
import { createAuthFromEnvironment } from "./create-auth-from-environment.js";

const { authUser } = createSchema();
const member = sqliteTable("member", {
  userId: text("user_id")
    .primaryKey()
    .references(() => authUser.id, { onDelete: "cascade" }),
  department: text("department"),
});

let folder: string;
let env: Readonly<Record<string, string>>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "entrada-extension-"));
  env = { DATABASE_URL: `file:${join(folder, "app.db")}` };
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("createAuthFromEnvironment with extendUser", () => {
  it("reads the app's row of the user, which onSignedIn has inserted", async () => {
    const database = new Database(join(folder, "app.db"));
    database.exec(
      "CREATE TABLE member (user_id TEXT PRIMARY KEY, department TEXT)",
    );
    const queries = drizzle(database);
    const auth = createAuthFromEnvironment({
      env,
      extendUser: {
        table: member,
        userId: member.userId,
        columns: { department: member.department },
      },
      onSignedIn: ({ user }) =>
        queries
          .insert(member)
          .values({ userId: user.id, department: "Mathematics" })
          .onConflictDoNothing()
          .run(),
    });

    const ada = await signInAs(auth);
    const again = await signInAs(auth, { objectId: ada.user.objectId });
    await auth.close();
    database.close();

    expect(ada.user.department).toBe("Mathematics");
    expect(again.user).toMatchObject({
      id: ada.user.id,
      department: "Mathematics",
    });
  });

  it("rejects in ready() if the table is not of the database", async () => {
    const other = pgTable("member", { userId: pgText("user_id") });
    const auth = createAuthFromEnvironment({
      env,
      extendUser: { table: other, userId: other.userId, columns: {} },
    });

    const opening = auth.ready();

    await expect(opening).rejects.toThrow(TypeError);
    await auth.close();
  });
});
