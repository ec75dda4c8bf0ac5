import { and, eq, exists, inArray, lte, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { EndedSessionRow } from "../../rows.js";
import { bound } from "../../placeholder.js";
import { sessionTable, userTable } from "../schema.js";

const endedColumns = {
  id: sessionTable.id,
  userId: sessionTable.userId,
  partitionKey: sessionTable.partitionKey,
};

/** A prepared statement that forgets sessions and returns them. */
export interface SessionEnding {
  all(values: Readonly<Record<string, unknown>>): readonly EndedSessionRow[];
}

/** The prepared statements that end sessions. */
export interface SessionEndings {
  readonly endOfUser: SessionEnding;
  readonly endAllOfUser: SessionEnding;
  /** Returns whether `endByProviderSession` would end any. */
  readonly findByProviderSession: {
    get(values: Readonly<Record<string, unknown>>): object | undefined;
  };
  readonly endByProviderSession: SessionEnding;
  readonly endBySubject: SessionEnding;
  readonly deleteExpired: SessionEnding;
}

/** Prepares the statements that end sessions and answer what they ended. */
export function prepareSessionEndings(
  database: BetterSQLite3Database,
): SessionEndings {
  const isScoped = createScope(database);

  return {
    endOfUser: prepareEnding(
      database,
      and(
        eq(sessionTable.id, sql.placeholder("id")),
        eq(sessionTable.userId, sql.placeholder("userId")),
      ),
    ),
    endAllOfUser: prepareEndAllOfUser(database),
    findByProviderSession: database
      .select({ id: sessionTable.id })
      .from(sessionTable)
      .where(isScoped)
      .limit(1)
      .prepare(),
    endByProviderSession: prepareEnding(database, isScoped),
    endBySubject: prepareEndBySubject(database),
    deleteExpired: prepareDeleteExpired(database),
  };
}

/** Prepares the statement that ends every session of a user. */
export function prepareEndAllOfUser(
  database: BetterSQLite3Database,
): SessionEnding {
  return prepareEnding(
    database,
    eq(sessionTable.userId, sql.placeholder("userId")),
  );
}

function prepareEnding(
  database: BetterSQLite3Database,
  condition: SQL | undefined,
): SessionEnding {
  return database
    .delete(sessionTable)
    .where(condition)
    .returning(endedColumns)
    .prepare();
}

// What the scope leaves open is compared with itself.
function createScope(database: BetterSQLite3Database) {
  const { tenantId, subject } = userTable;
  const { createdAt } = sessionTable;
  const users = database
    .select({ id: userTable.id })
    .from(userTable)
    .where(
      and(
        eq(userTable.id, sessionTable.userId),
        eq(tenantId, sql`ifnull(${sql.placeholder("tenantId")}, ${tenantId})`),
        eq(subject, sql`ifnull(${sql.placeholder("subject")}, ${subject})`),
      ),
    );
  return and(
    eq(sessionTable.providerSessionId, sql.placeholder("providerSessionId")),
    lte(
      createdAt,
      sql`ifnull(${bound(createdAt, "startedUntil")}, ${createdAt})`,
    ),
    exists(users),
  );
}

function prepareEndBySubject(database: BetterSQLite3Database) {
  const users = database
    .select({ id: userTable.id })
    .from(userTable)
    .where(
      and(
        eq(userTable.tenantId, sql.placeholder("tenantId")),
        eq(userTable.subject, sql.placeholder("subject")),
      ),
    );
  return prepareEnding(
    database,
    and(
      inArray(sessionTable.userId, users),
      lte(
        sessionTable.createdAt,
        bound(sessionTable.createdAt, "startedUntil"),
      ),
    ),
  );
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
  return prepareEnding(database, inArray(sessionTable.id, expired));
}
