import { and, eq, exists, getTableColumns, gt, isNull, sql } from "drizzle-orm";
import type { SQL, SQLWrapper } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type {
  Admission,
  AdmittedSignIn,
} from "../../../core/stores/session-store.js";
import {
  createSessionValues,
  createUserRefresh,
  createUserValues,
} from "../../admission-values.js";
import { bound } from "../../placeholder.js";
import type { Statement } from "../connections.js";
import { nameStatement } from "../statement-name.js";
import type { PostgresTables } from "../schema.js";
import {
  toEndedSession,
  toProfileRow,
  toSessionRow,
  toUser,
} from "../../rows.js";
import type { EndedSessionRow, UserRow } from "../../rows.js";

/** The user who was found or created, and the session that was replaced. */
interface AdmissionRow {
  readonly person: UserRow;
  readonly ended: EndedSessionRow | null;
}

/**
 * Prepares the statement that admits a sign-in: one statement, so one transaction and one round trip. It locks the user's
 * row before it starts the session, as disabling does: either disabling ends the session, or the user is found disabled.
 */
export function prepareAdmit(
  database: NodePgDatabase,
  tables: PostgresTables,
): Statement<AdmissionRow> {
  const { authSession } = tables;
  const { id, userId, partitionKey } = authSession;
  const person = database.$with("person").as(upsertUser(database, tables));
  const isAdmitted = isNull(person.disabledAt);
  const started = database.$with("started").as(
    database
      .insert(authSession)
      .select(
        sql`select ${createNewSession(tables, person.id)} from ${person} where ${isAdmitted}`,
      )
      .returning({ id }),
  );
  const ended = database.$with("ended").as(
    database
      .delete(authSession)
      .where(
        and(
          isReplaced(tables),
          exists(database.select().from(person).where(isAdmitted)),
        ),
      )
      .returning({ id, userId, partitionKey }),
  );
  return database
    .with(person, started, ended)
    .select()
    .from(person)
    .leftJoin(ended, sql`true`)
    .prepare(nameStatement(authSession, "admit"));
}

/** Admits the sign-in by the prepared statement. */
export async function admit(
  statement: Statement<AdmissionRow>,
  admission: Admission,
): Promise<AdmittedSignIn> {
  const { candidateId, replaces } = admission;
  const [row] = await statement.execute({
    ...toProfileRow(admission),
    ...toSessionRow(admission),
    candidateId,
    replacedId: replaces?.sessionId ?? null,
    replacedDigest: replaces?.secretDigest ?? null,
  });
  if (row === undefined)
    throw new Error("The database returned no row of a user it has written.");
  const user = toUser(row.person);
  return {
    user,
    isNewUser: user.id === candidateId,
    replaced: row.ended === null ? undefined : toEndedSession(row.ended),
  };
}

function upsertUser(database: NodePgDatabase, { authUser }: PostgresTables) {
  return database
    .insert(authUser)
    .values(createUserValues(authUser))
    .onConflictDoUpdate({
      target: [authUser.tenantId, authUser.objectId],
      set: createUserRefresh(authUser),
    })
    .returning();
}

function createNewSession(
  { authSession }: PostgresTables,
  newUserId: SQLWrapper,
): SQL {
  const columns = getTableColumns(authSession);
  const values = createSessionValues(columns, sql`${newUserId}`);
  return sql.join([...values], sql`, `);
}

function isReplaced({ authSession }: PostgresTables) {
  const { id, secretDigest, idleExpiresAt } = authSession;
  return and(
    eq(id, bound(id, "replacedId")),
    eq(secretDigest, bound(secretDigest, "replacedDigest")),
    gt(idleExpiresAt, bound(idleExpiresAt, "createdAt")),
  );
}
