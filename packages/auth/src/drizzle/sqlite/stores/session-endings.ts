import { and, eq, exists, inArray, lte, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { EndedSessionRow } from "../../rows.js";
import { isOfClient } from "../../client.js";
import { bound } from "../../placeholder.js";
import type { Statement } from "../statement.js";
import type { SqliteTables } from "../schema.js";
import { whenUsed } from "../statement.js";

type SessionEnding = Statement<EndedSessionRow>;

/** The prepared statements that end sessions. */
export interface SessionEndings {
  readonly endOfUser: SessionEnding;
  readonly endAllOfUser: SessionEnding;
  /** Returns a row if `endByProviderSession` would end a session. */
  readonly findByProviderSession: Statement<object>;
  readonly endByProviderSession: SessionEnding;
  readonly endBySubject: SessionEnding;
  readonly deleteExpired: SessionEnding;
}

/** Prepares the statements that end sessions and return them. */
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
        isOfClient(authSession),
      ),
    ),
    endAllOfUser: prepareEndAllOfUser(database, tables),
    findByProviderSession: whenUsed(() =>
      database
        .select({ id: authSession.id })
        .from(authSession)
        .where(isScoped)
        .limit(1)
        .prepare(),
    ),
    endByProviderSession: prepareEnding(database, tables, isScoped),
    endBySubject: prepareEndBySubject(database, tables),
    deleteExpired: prepareDeleteExpired(database, tables),
  };
}

/** Prepares the statement that ends all sessions of a user. */
export function prepareEndAllOfUser(
  database: BetterSQLite3Database,
  tables: SqliteTables,
): SessionEnding {
  const { authSession } = tables;
  return prepareEnding(
    database,
    tables,
    and(
      eq(authSession.userId, sql.placeholder("userId")),
      isOfClient(authSession),
    ),
  );
}

function prepareEnding(
  database: BetterSQLite3Database,
  { authSession }: SqliteTables,
  condition: SQL | undefined,
): SessionEnding {
  return whenUsed(() =>
    database
      .delete(authSession)
      .where(condition)
      .returning({
        id: authSession.id,
        userId: authSession.userId,
        partitionKey: authSession.partitionKey,
      })
      .prepare(),
  );
}

// A column that the scope does not restrict is compared with itself.
function createScope(
  database: BetterSQLite3Database,
  { authUser, authUserClient, authSession }: SqliteTables,
) {
  const { tenantId } = authUser;
  const { subject } = authUserClient;
  const { createdAt } = authSession;
  const users = database
    .select({ id: authUser.id })
    .from(authUser)
    .innerJoin(authUserClient, eq(authUserClient.userId, authUser.id))
    .where(
      and(
        eq(authUser.id, authSession.userId),
        eq(authUserClient.clientId, authSession.clientId),
        eq(tenantId, sql`ifnull(${sql.placeholder("tenantId")}, ${tenantId})`),
        eq(subject, sql`ifnull(${sql.placeholder("subject")}, ${subject})`),
      ),
    );
  return and(
    eq(authSession.providerSessionId, sql.placeholder("providerSessionId")),
    isOfClient(authSession),
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
  const { authUser, authUserClient, authSession } = tables;
  const users = database
    .select({ id: authUserClient.userId })
    .from(authUserClient)
    .innerJoin(authUser, eq(authUser.id, authUserClient.userId))
    .where(
      and(
        isOfClient(authUserClient),
        eq(authUserClient.subject, sql.placeholder("subject")),
        eq(authUser.tenantId, sql.placeholder("tenantId")),
      ),
    );
  return prepareEnding(
    database,
    tables,
    and(
      inArray(authSession.userId, users),
      isOfClient(authSession),
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
      and(
        isOfClient(authSession),
        lte(authSession.idleExpiresAt, bound(authSession.idleExpiresAt, "now")),
      ),
    )
    .orderBy(authSession.idleExpiresAt)
    .limit(sql.placeholder("limit"));
  return prepareEnding(database, tables, inArray(authSession.id, expired));
}
