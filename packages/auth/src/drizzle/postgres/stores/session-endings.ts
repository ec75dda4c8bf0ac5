import { and, eq, exists, inArray, lte, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import { bound } from "../../placeholder.js";
import type { Statement } from "../connections.js";
import { isAnyOf } from "../locking.js";
import { sessionTable, userTable } from "../schema.js";
import type { EndedSessionRow } from "../../rows.js";

/** A prepared statement that forgets sessions and returns them. */
export type SessionEnding = Statement<EndedSessionRow>;

/** The prepared statements that end sessions. */
export interface SessionEndings {
  readonly endOfUser: SessionEnding;
  readonly endAllOfUser: SessionEnding;
  readonly endByProviderSession: SessionEnding;
  readonly endBySubject: SessionEnding;
  readonly deleteExpired: SessionEnding;
}

const { id, userId, providerSessionId, createdAt, idleExpiresAt } =
  sessionTable;
const endedColumns = { id, userId, partitionKey: sessionTable.partitionKey };
const isOfUser = eq(userId, bound(userId, "userId"));

/** Prepares the statements that end sessions and answer what they ended. */
export function prepareSessionEndings(
  database: NodePgDatabase,
): SessionEndings {
  return {
    endOfUser: database
      .delete(sessionTable)
      .where(and(eq(id, bound(id, "id")), isOfUser))
      .returning(endedColumns)
      .prepare("entrada_session_end_of_user"),
    endAllOfUser: prepareEndAllOfUser(database),
    endByProviderSession: prepareEnding(
      database,
      "entrada_session_end_by_provider_session",
      createScope(database),
    ),
    endBySubject: prepareEnding(
      database,
      "entrada_session_end_by_subject",
      createSubjectScope(database),
    ),
    deleteExpired: prepareDeleteExpired(database),
  };
}

/** Prepares the statement that ends every session of a user. */
export function prepareEndAllOfUser(database: NodePgDatabase): SessionEnding {
  return prepareEnding(database, "entrada_session_end_all_of_user", isOfUser);
}

// Every statement locks sessions in the order of their IDs, so no two of them wait for each other.
function prepareEnding(
  database: NodePgDatabase,
  name: string,
  condition: SQL | undefined,
): SessionEnding {
  const ending = database
    .select({ id })
    .from(sessionTable)
    .where(condition)
    .orderBy(id)
    .for("update");
  return database
    .delete(sessionTable)
    .where(isAnyOf(id, ending))
    .returning(endedColumns)
    .prepare(name);
}

// What the scope leaves open is compared with itself.
function createScope(database: NodePgDatabase) {
  const { tenantId, subject } = userTable;
  const users = database
    .select({ id: userTable.id })
    .from(userTable)
    .where(
      and(
        eq(userTable.id, userId),
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

function createSubjectScope(database: NodePgDatabase) {
  const { tenantId, subject } = userTable;
  const users = database
    .select({ id: userTable.id })
    .from(userTable)
    .where(
      and(
        eq(tenantId, bound(tenantId, "tenantId")),
        eq(subject, bound(subject, "subject")),
      ),
    );
  return and(
    inArray(userId, users),
    lte(createdAt, bound(createdAt, "startedUntil")),
  );
}

// What somebody else is ending or renewing at this moment is left to them.
function prepareDeleteExpired(database: NodePgDatabase): SessionEnding {
  const expired = database
    .select({ id })
    .from(sessionTable)
    .where(lte(idleExpiresAt, bound(idleExpiresAt, "now")))
    .orderBy(idleExpiresAt)
    .limit(sql.placeholder("limit"))
    .for("update", { skipLocked: true });
  return database
    .delete(sessionTable)
    .where(isAnyOf(id, expired))
    .returning(endedColumns)
    .prepare("entrada_session_delete_expired");
}
