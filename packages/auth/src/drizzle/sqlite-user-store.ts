import { and, eq, gte, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { alias } from "drizzle-orm/sqlite-core";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";

import type { UserId } from "../core/identifiers.js";
import type { UserStore } from "../core/ports.js";
import type { UserProfile } from "../core/user.js";
import { toEndedSession, toUser } from "./rows.js";
import type { UserRow } from "./rows.js";
import type { Answer } from "./sqlite-error.js";
import { bound, excluded } from "./placeholder.js";
import { userTable } from "./sqlite-schema.js";
import { prepareEndAllOfUser } from "./sqlite-session-endings.js";

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
    disable: (id, tenantId, disabledAt) =>
      answer(() =>
        database.transaction(
          () => {
            const values = { id, tenantId, disabledAt };
            if (statements.disable.run(values).changes === 0) return undefined;
            return statements.endSessions
              .all({ userId: id })
              .map(toEndedSession);
          },
          { behavior: "immediate" },
        ),
      ),
    enable: (id, tenantId) =>
      answer(() => statements.enable.run({ id, tenantId }).changes > 0),
    list: ({ tenantId, search = "", after, limit }) =>
      answer(() => {
        const values = { tenantId, search, limit };
        const rows =
          after === undefined
            ? statements.list.all(values)
            : statements.listAfter.all({ ...values, after });
        return rows.map(toUser);
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
    ...prepareDisabling(database),
    list: prepareList(database, isOfTenant),
    listAfter: prepareList(database, isAfter(database)),
  };
}

const isUser = eq(userTable.id, sql.placeholder("id"));
const isOfTenant = eq(userTable.tenantId, sql.placeholder("tenantId"));

function prepareDisabling(database: BetterSQLite3Database) {
  const { disabledAt } = userTable;

  return {
    disable: database
      .update(userTable)
      .set({
        disabledAt: sql`ifnull(${disabledAt}, ${bound(disabledAt, "disabledAt")})`,
      })
      .where(and(isUser, isOfTenant))
      .prepare(),
    endSessions: prepareEndAllOfUser(database),
    enable: database
      .update(userTable)
      .set({ disabledAt: null })
      .where(and(isUser, isOfTenant))
      .prepare(),
  };
}

const lowerName = sql`lower(${userTable.name})`;

function prepareList(
  database: BetterSQLite3Database,
  condition: SQL | undefined,
) {
  return database
    .select()
    .from(userTable)
    .where(
      and(
        condition,
        or(contains(userTable.name), contains(userTable.preferredUsername)),
      ),
    )
    .orderBy(lowerName, userTable.id)
    .limit(sql.placeholder("limit"))
    .prepare();
}

// `instr` knows no wildcards. An empty text is found in every other.
function contains(column: SQLiteColumn): SQL {
  return sql`instr(lower(${column}), lower(${sql.placeholder("search")})) > 0`;
}

// Nobody comes after a user who is gone, or of another organisation: nothing is greater than nothing. The names are
// compared once more alone, because SQLite finds no place in an index of expressions by a row value.
function isAfter(database: BetterSQLite3Database) {
  const last = alias(userTable, "last");
  const lastName = sql`lower(${last.name})`;
  const isLast = and(
    eq(last.id, sql.placeholder("after")),
    eq(last.tenantId, sql.placeholder("tenantId")),
  );
  const name = database.select({ lastName }).from(last).where(isLast);
  const position = database
    .select({ lastName, id: last.id })
    .from(last)
    .where(isLast);
  return and(
    isOfTenant,
    gte(lowerName, name),
    sql`(${lowerName}, ${userTable.id}) > ${position}`,
  );
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
