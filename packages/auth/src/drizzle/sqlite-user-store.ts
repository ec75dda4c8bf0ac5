import { eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { UserId } from "../core/identifiers.js";
import type { UserStore } from "../core/ports.js";
import type { UserProfile } from "../core/user.js";
import { toUser } from "./rows.js";
import type { UserRow } from "./rows.js";
import type { Answer } from "./sqlite-error.js";
import { bound, excluded } from "./sqlite-placeholder.js";
import { userTable } from "./sqlite-schema.js";

/** Creates the user store on a migrated SQLite database. */
export function createSqliteUserStore(
  database: BetterSQLite3Database,
  answer: Answer,
): UserStore {
  const statements = prepareStatements(database);

  return {
    upsert: (candidateId, profile, now) =>
      answer(() =>
        toUser(statements.upsert.get(toValues(candidateId, profile, now))),
      ),
    upsertIdentity: (candidateId, identity, now) =>
      answer(() => {
        const profile = { ...identity, roles: [], groups: [] };
        const values = toValues(candidateId, profile, now);
        return toUser(statements.upsertIdentity.get(values));
      }),
    find: (id) => answer(() => toUserIfAny(statements.find.get({ id }))),
    setAccess: (id, { roles, groups }) =>
      answer(() =>
        toUserIfAny(statements.setAccess.get({ id, roles, groups })),
      ),
    setDisabled: (id, disabledAt) =>
      answer(() => {
        statements.setDisabled.run({
          id,
          disabledAt: disabledAt?.getTime() ?? null,
        });
      }),
  };
}

function toValues(id: UserId, profile: UserProfile, now: Date) {
  return {
    ...profile,
    id,
    preferredUsername: profile.preferredUsername ?? null,
    email: profile.email ?? null,
    now,
  };
}

function toUserIfAny(row: UserRow | undefined) {
  return row === undefined ? undefined : toUser(row);
}

function prepareStatements(database: BetterSQLite3Database) {
  const isUser = eq(userTable.id, sql.placeholder("id"));

  return {
    upsert: prepareUpsert(database, { ...identityColumns, ...accessColumns }),
    upsertIdentity: prepareUpsert(database, identityColumns),
    find: database.select().from(userTable).where(isUser).prepare(),
    setAccess: database
      .update(userTable)
      .set({
        roles: bound(userTable.roles, "roles"),
        groups: bound(userTable.groups, "groups"),
      })
      .where(isUser)
      .returning()
      .prepare(),
    setDisabled: database
      .update(userTable)
      .set({ disabledAt: sql`${sql.placeholder("disabledAt")}` })
      .where(isUser)
      .prepare(),
  };
}

function prepareUpsert(
  database: BetterSQLite3Database,
  set: Readonly<Record<string, SQL>>,
) {
  return database
    .insert(userTable)
    .values({
      id: sql.placeholder("id"),
      tenantId: sql.placeholder("tenantId"),
      objectId: sql.placeholder("objectId"),
      subject: sql.placeholder("subject"),
      name: sql.placeholder("name"),
      preferredUsername: sql.placeholder("preferredUsername"),
      email: sql.placeholder("email"),
      roles: sql.placeholder("roles"),
      groups: sql.placeholder("groups"),
      createdAt: sql.placeholder("now"),
      lastSignInAt: sql.placeholder("now"),
    })
    .onConflictDoUpdate({
      target: [userTable.tenantId, userTable.objectId],
      set,
    })
    .returning()
    .prepare();
}

// What a sign-in tells anew. `id`, `created_at` and `disabled_at` are not here: they stay as they are.
const identityColumns = {
  subject: excluded(userTable.subject),
  name: excluded(userTable.name),
  preferredUsername: excluded(userTable.preferredUsername),
  email: excluded(userTable.email),
  lastSignInAt: excluded(userTable.lastSignInAt),
};

const accessColumns = {
  roles: excluded(userTable.roles),
  groups: excluded(userTable.groups),
};
