import { and, eq, exists, inArray, lte, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { EndedSessionRow } from "../../rows.js";
import { bound } from "../../placeholder.js";
import type { SqliteTables } from "../schema.js";

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
  tables: SqliteTables,
): SessionEndings {
  const { authSession } = tables;
  const isScoped = createScope(database, tables);

  return {
    endOfUser: prepareEnding(
      database,
      tables,
      and(
        eq(authSession.id, sql.placeholder("id")),
        eq(authSession.userId, sql.placeholder("userId")),
      ),
    ),
    endAllOfUser: prepareEndAllOfUser(database, tables),
    findByProviderSession: database
      .select({ id: authSession.id })
      .from(authSession)
      .where(isScoped)
      .limit(1)
      .prepare(),
    endByProviderSession: prepareEnding(database, tables, isScoped),
    endBySubject: prepareEndBySubject(database, tables),
    deleteExpired: prepareDeleteExpired(database, tables),
  };
}

/** Prepares the statement that ends every session of a user. */
export function prepareEndAllOfUser(
  database: BetterSQLite3Database,
  tables: SqliteTables,
): SessionEnding {
  const { authSession } = tables;
  return prepareEnding(
    database,
    tables,
    eq(authSession.userId, sql.placeholder("userId")),
  );
}

function prepareEnding(
  database: BetterSQLite3Database,
  { authSession }: SqliteTables,
  condition: SQL | undefined,
): SessionEnding {
  return database
    .delete(authSession)
    .where(condition)
    .returning({
      id: authSession.id,
      userId: authSession.userId,
      partitionKey: authSession.partitionKey,
    })
    .prepare();
}

// What the scope leaves open is compared with itself.
function createScope(
  database: BetterSQLite3Database,
  { authUser, authSession }: SqliteTables,
) {
  const { tenantId, subject } = authUser;
  const { createdAt } = authSession;
  const users = database
    .select({ id: authUser.id })
    .from(authUser)
    .where(
      and(
        eq(authUser.id, authSession.userId),
        eq(tenantId, sql`ifnull(${sql.placeholder("tenantId")}, ${tenantId})`),
        eq(subject, sql`ifnull(${sql.placeholder("subject")}, ${subject})`),
      ),
    );
  return and(
    eq(authSession.providerSessionId, sql.placeholder("providerSessionId")),
    lte(
      createdAt,
      sql`ifnull(${bound(createdAt, "startedUntil")}, ${createdAt})`,
    ),
    exists(users),
  );
}

function prepareEndBySubject(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authUser, authSession } = tables;
  const users = database
    .select({ id: authUser.id })
    .from(authUser)
    .where(
      and(
        eq(authUser.tenantId, sql.placeholder("tenantId")),
        eq(authUser.subject, sql.placeholder("subject")),
      ),
    );
  return prepareEnding(
    database,
    tables,
    and(
      inArray(authSession.userId, users),
      lte(authSession.createdAt, bound(authSession.createdAt, "startedUntil")),
    ),
  );
}

function prepareDeleteExpired(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authSession } = tables;
  const expired = database
    .select({ id: authSession.id })
    .from(authSession)
    .where(
      lte(authSession.idleExpiresAt, bound(authSession.idleExpiresAt, "now")),
    )
    .orderBy(authSession.idleExpiresAt)
    .limit(sql.placeholder("limit"));
  return prepareEnding(database, tables, inArray(authSession.id, expired));
}
