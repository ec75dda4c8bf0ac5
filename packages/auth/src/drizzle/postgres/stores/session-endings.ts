import { and, eq, exists, inArray, lte, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import { isOfClient } from "../../client.js";
import { bound } from "../../placeholder.js";
import type { Statement } from "../statement.js";
import { isAnyOf, nameStatement, whenUsed } from "../statement.js";
import type { PostgresTables } from "../schema.js";
import type { EndedSessionRow } from "../../rows.js";

/** A prepared statement that deletes and returns sessions. */
export type SessionEnding = Statement<EndedSessionRow>;

/** The prepared statements that end sessions. */
export interface SessionEndings {
  readonly endOfUser: SessionEnding;
  readonly endAllOfUser: SessionEnding;
  readonly endByProviderSession: SessionEnding;
  readonly endBySubject: SessionEnding;
  readonly deleteExpired: SessionEnding;
}

/** Prepares the statements that end sessions and return them. */
export function prepareSessionEndings(
  database: NodePgDatabase,
  tables: PostgresTables,
): SessionEndings {
  const { authSession } = tables;
  const { id } = authSession;
  return {
    endOfUser: whenUsed(() =>
      database
        .delete(authSession)
        .where(and(eq(id, bound(id, "id")), isOfUser(tables)))
        .returning(endedColumns(authSession))
        .prepare(nameStatement(authSession, "end_of_user")),
    ),
    endAllOfUser: prepareEndAllOfUser(database, tables),
    endByProviderSession: prepareEnding(
      database,
      tables,
      nameStatement(authSession, "end_by_provider_session"),
      createScope(database, tables),
    ),
    endBySubject: prepareEnding(
      database,
      tables,
      nameStatement(authSession, "end_by_subject"),
      createSubjectScope(database, tables),
    ),
    deleteExpired: prepareDeleteExpired(database, tables),
  };
}

/** Prepares the statement that ends all sessions of a user. */
export function prepareEndAllOfUser(
  database: NodePgDatabase,
  tables: PostgresTables,
): SessionEnding {
  const { authSession } = tables;
  return prepareEnding(
    database,
    tables,
    nameStatement(authSession, "end_all_of_user"),
    isOfUser(tables),
  );
}

function endedColumns({
  id,
  userId,
  partitionKey,
}: PostgresTables["authSession"]) {
  return { id, userId, partitionKey };
}

function isOfUser({ authSession }: PostgresTables) {
  const { userId } = authSession;
  return and(eq(userId, bound(userId, "userId")), isOfClient(authSession));
}

// Every statement locks sessions in the order of their IDs, which prevents deadlocks.
function prepareEnding(
  database: NodePgDatabase,
  { authSession }: PostgresTables,
  name: string,
  condition: SQL | undefined,
): SessionEnding {
  const { id } = authSession;
  const ending = database
    .select({ id })
    .from(authSession)
    .where(and(condition, isOfClient(authSession)))
    .orderBy(id)
    .for("update");
  return whenUsed(() =>
    database
      .delete(authSession)
      .where(isAnyOf(id, ending))
      .returning(endedColumns(authSession))
      .prepare(name),
  );
}

// A column that the scope does not restrict is compared with itself.
function createScope(
  database: NodePgDatabase,
  { authUser, authUserClient, authSession }: PostgresTables,
) {
  const { userId, clientId, providerSessionId, createdAt } = authSession;
  const { tenantId } = authUser;
  const { subject } = authUserClient;
  const users = database
    .select({ id: authUser.id })
    .from(authUser)
    .innerJoin(authUserClient, eq(authUserClient.userId, authUser.id))
    .where(
      and(
        eq(authUser.id, userId),
        eq(authUserClient.clientId, clientId),
        eq(
          tenantId,
          sql`coalesce(${bound(tenantId, "tenantId")}, ${tenantId})`,
        ),
        eq(subject, sql`coalesce(${bound(subject, "subject")}, ${subject})`),
      ),
    );
  return and(
    eq(providerSessionId, bound(providerSessionId, "providerSessionId")),
    lte(
      createdAt,
      sql`coalesce(${bound(createdAt, "startedUntil")}, ${createdAt})`,
    ),
    exists(users),
  );
}

function createSubjectScope(
  database: NodePgDatabase,
  { authUser, authUserClient, authSession }: PostgresTables,
) {
  const { userId, createdAt } = authSession;
  const { tenantId } = authUser;
  const { subject } = authUserClient;
  const users = database
    .select({ id: authUserClient.userId })
    .from(authUserClient)
    .innerJoin(authUser, eq(authUser.id, authUserClient.userId))
    .where(
      and(
        isOfClient(authUserClient),
        eq(subject, bound(subject, "subject")),
        eq(tenantId, bound(tenantId, "tenantId")),
      ),
    );
  return and(
    inArray(userId, users),
    lte(createdAt, bound(createdAt, "startedUntil")),
  );
}

// Skips sessions that another transaction is ending or renewing.
function prepareDeleteExpired(
  database: NodePgDatabase,
  { authSession }: PostgresTables,
): SessionEnding {
  const { id, idleExpiresAt } = authSession;
  const expired = database
    .select({ id })
    .from(authSession)
    .where(
      and(
        isOfClient(authSession),
        lte(idleExpiresAt, bound(idleExpiresAt, "now")),
      ),
    )
    .orderBy(idleExpiresAt)
    .limit(sql.placeholder("limit"))
    .for("update", { skipLocked: true });
  return whenUsed(() =>
    database
      .delete(authSession)
      .where(isAnyOf(id, expired))
      .returning(endedColumns(authSession))
      .prepare(nameStatement(authSession, "delete_expired")),
  );
}
