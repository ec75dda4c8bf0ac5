import { eq, inArray, lte, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { SessionId } from "../core/identifiers.js";
import type { Session, SessionStore } from "../core/ports.js";
import { toSessionRow, toSignedIn } from "./rows.js";
import type { Answer } from "./sqlite-error.js";
import { bound } from "./sqlite-placeholder.js";
import { sessionTable, userTable } from "./sqlite-schema.js";

/** Creates the session store on a migrated SQLite database. */
export function createSqliteSessionStore(
  database: BetterSQLite3Database,
  answer: Answer,
): SessionStore {
  const statements = prepareStatements(database);

  function replace(session: Session, replaces: SessionId): void {
    statements.end.run({ id: replaces });
    statements.start.run(toSessionRow(session));
  }

  return {
    start: (session, replaces) =>
      answer(() => {
        if (replaces === undefined) statements.start.run(toSessionRow(session));
        else
          database.transaction(() => replace(session, replaces), {
            behavior: "immediate",
          });
      }),
    find: (id) =>
      answer(() => {
        const row = statements.find.get({ id });
        return row === undefined ? undefined : toSignedIn(row);
      }),
    renew: (id, lastSeenAt, idleExpiresAt) =>
      answer(() => {
        statements.renew.run({ id, lastSeenAt, idleExpiresAt });
      }),
    end: (id) => answer(() => statements.end.run({ id }).changes > 0),
    endByProviderSession: (providerSessionId) =>
      answer(() => {
        // Anybody may name any session of the provider: one that is unknown costs no write.
        const names = { providerSessionId };
        if (statements.findByProviderSession.get(names) === undefined)
          return [];
        return statements.endByProviderSession
          .all(names)
          .map(({ id, userId, partitionKey }) => ({
            id,
            userId,
            partitionKey: partitionKey ?? undefined,
          }));
      }),
    deleteExpired: (now, limit) =>
      answer(() => statements.deleteExpired.run({ now, limit }).changes),
  };
}

function prepareStatements(database: BetterSQLite3Database) {
  const isSession = eq(sessionTable.id, sql.placeholder("id"));
  const isProviderSession = eq(
    sessionTable.providerSessionId,
    sql.placeholder("providerSessionId"),
  );

  return {
    start: prepareStart(database),
    find: database
      .select({ session: sessionTable, user: userTable })
      .from(sessionTable)
      .innerJoin(userTable, eq(userTable.id, sessionTable.userId))
      .where(isSession)
      .prepare(),
    // An update cannot bring an ended session back, whenever it arrives.
    renew: database
      .update(sessionTable)
      .set({
        lastSeenAt: bound(sessionTable.lastSeenAt, "lastSeenAt"),
        idleExpiresAt: bound(sessionTable.idleExpiresAt, "idleExpiresAt"),
      })
      .where(isSession)
      .prepare(),
    end: database.delete(sessionTable).where(isSession).prepare(),
    findByProviderSession: database
      .select({ id: sessionTable.id })
      .from(sessionTable)
      .where(isProviderSession)
      .limit(1)
      .prepare(),
    endByProviderSession: database
      .delete(sessionTable)
      .where(isProviderSession)
      .returning({
        id: sessionTable.id,
        userId: sessionTable.userId,
        partitionKey: sessionTable.partitionKey,
      })
      .prepare(),
    deleteExpired: prepareDeleteExpired(database),
  };
}

function prepareStart(database: BetterSQLite3Database) {
  return database
    .insert(sessionTable)
    .values({
      id: sql.placeholder("id"),
      userId: sql.placeholder("userId"),
      secretDigest: sql.placeholder("secretDigest"),
      providerSessionId: sql.placeholder("providerSessionId"),
      logoutHint: sql.placeholder("logoutHint"),
      partitionKey: sql.placeholder("partitionKey"),
      userAgent: sql.placeholder("userAgent"),
      createdAt: sql.placeholder("createdAt"),
      lastSeenAt: sql.placeholder("lastSeenAt"),
      idleExpiresAt: sql.placeholder("idleExpiresAt"),
      expiresAt: sql.placeholder("expiresAt"),
    })
    .prepare();
}

function prepareDeleteExpired(database: BetterSQLite3Database) {
  const expired = database
    .select({ id: sessionTable.id })
    .from(sessionTable)
    .where(
      lte(sessionTable.idleExpiresAt, bound(sessionTable.idleExpiresAt, "now")),
    )
    .orderBy(sessionTable.idleExpiresAt)
    .limit(sql.placeholder("limit"));
  return database
    .delete(sessionTable)
    .where(inArray(sessionTable.id, expired))
    .prepare();
}
