import { and, eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { UserId } from "../core/identifiers.js";
import type { UserStore } from "../core/ports.js";
import type { UserProfile } from "../core/user.js";
import { bound, excluded } from "./placeholder.js";
import type { Connections } from "./postgres-connections.js";
import { userTable } from "./postgres-schema.js";
import { prepareEndAllOfUser } from "./postgres-session-endings.js";
import { prepareUserLists } from "./postgres-user-list.js";
import { toEndedSession, toUser } from "./rows.js";
import type { UserRow } from "./rows.js";

/** Creates the user store on a migrated PostgreSQL database. */
export function createPostgresUserStore(connections: Connections): UserStore {
  const { ask, transact } = connections.prepare(prepareStatements);

  return {
    upsert: (candidateId, profile, now) =>
      ask(({ upsert }) =>
        upsert.execute(toValues(candidateId, profile, now)).then(toOnlyUser),
      ),
    upsertIdentity: (candidateId, identity, now) =>
      ask(({ upsertIdentity }) => {
        const profile = { ...identity, roles: [], groups: [] };
        return upsertIdentity
          .execute(toValues(candidateId, profile, now))
          .then(toOnlyUser);
      }),
    find: (id) => ask(({ find }) => find.execute({ id }).then(toUserIfAny)),
    setAccess: (id, { roles, groups }) =>
      ask(({ setAccess }) =>
        setAccess.execute({ id, roles, groups }).then(toUserIfAny),
      ),
    // Two statements, because the second has to see what was started while the first waited for the user's row.
    disable: (id, tenantId, disabledAt) =>
      transact(async ({ disable, endSessions }) => {
        const { rowCount } = await disable.execute({
          id,
          tenantId,
          disabledAt,
        });
        if (rowCount === 0) return undefined;
        const rows = await endSessions.execute({ userId: id });
        return rows.map(toEndedSession);
      }),
    enable: (id, tenantId) =>
      ask(async ({ enable }) => {
        const { rowCount } = await enable.execute({ id, tenantId });
        return rowCount === 1;
      }),
    list: ({ tenantId, search = "", after, limit }) =>
      ask(async ({ list, listAfter }) => {
        const values = { tenantId, search, limit };
        const rows = await (after === undefined
          ? list.execute(values)
          : listAfter.execute({ ...values, after }));
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

function toOnlyUser([row]: readonly UserRow[]) {
  if (row === undefined)
    throw new Error("The database answered no row of a user it has written.");
  return toUser(row);
}

function toUserIfAny([row]: readonly UserRow[]) {
  return row === undefined ? undefined : toUser(row);
}

const { id, tenantId, disabledAt, roles, groups } = userTable;
const isUser = eq(id, bound(id, "id"));
const isOfTenant = eq(tenantId, bound(tenantId, "tenantId"));

function prepareStatements(database: NodePgDatabase) {
  return {
    upsert: prepareUpsert(database, "entrada_user_upsert", {
      ...identityColumns,
      ...accessColumns,
    }),
    upsertIdentity: prepareUpsert(
      database,
      "entrada_user_upsert_identity",
      identityColumns,
    ),
    find: database
      .select()
      .from(userTable)
      .where(isUser)
      .prepare("entrada_user_find"),
    setAccess: database
      .update(userTable)
      .set({ roles: bound(roles, "roles"), groups: bound(groups, "groups") })
      .where(isUser)
      .returning()
      .prepare("entrada_user_set_access"),
    ...prepareDisabling(database),
    ...prepareUserLists(database),
  };
}

function prepareDisabling(database: NodePgDatabase) {
  return {
    disable: database
      .update(userTable)
      .set({
        disabledAt: sql`coalesce(${disabledAt}, ${bound(disabledAt, "disabledAt")})`,
      })
      .where(and(isUser, isOfTenant))
      .prepare("entrada_user_disable"),
    endSessions: prepareEndAllOfUser(database),
    enable: database
      .update(userTable)
      .set({ disabledAt: null })
      .where(and(isUser, isOfTenant))
      .prepare("entrada_user_enable"),
  };
}

function prepareUpsert(
  database: NodePgDatabase,
  name: string,
  set: Readonly<Record<string, SQL>>,
) {
  const { createdAt, lastSignInAt } = userTable;
  return database
    .insert(userTable)
    .values({
      id: bound(id, "id"),
      tenantId: bound(tenantId, "tenantId"),
      objectId: bound(userTable.objectId, "objectId"),
      subject: bound(userTable.subject, "subject"),
      name: bound(userTable.name, "name"),
      preferredUsername: bound(
        userTable.preferredUsername,
        "preferredUsername",
      ),
      email: bound(userTable.email, "email"),
      roles: bound(roles, "roles"),
      groups: bound(groups, "groups"),
      createdAt: bound(createdAt, "now"),
      lastSignInAt: bound(lastSignInAt, "now"),
    })
    .onConflictDoUpdate({ target: [tenantId, userTable.objectId], set })
    .returning()
    .prepare(name);
}

// What a sign-in tells anew. `id`, `created_at` and `disabled_at` are not here: they stay as they are.
const identityColumns = {
  subject: excluded(userTable.subject),
  name: excluded(userTable.name),
  preferredUsername: excluded(userTable.preferredUsername),
  email: excluded(userTable.email),
  lastSignInAt: excluded(userTable.lastSignInAt),
};

const accessColumns = { roles: excluded(roles), groups: excluded(groups) };
