import { and, eq, getTableColumns, gt, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

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
import {
  toEndedSession,
  toProfileRow,
  toSessionRow,
  toUser,
} from "../../rows.js";
import type { SqliteTables } from "../schema.js";

/** Prepares the statements that admit a sign-in, and returns the function that runs them in one transaction. */
export function prepareAdmission(
  database: BetterSQLite3Database,
  tables: SqliteTables,
): (admission: Admission) => AdmittedSignIn {
  const upsertUser = prepareUpsertUser(database, tables);
  const startSession = prepareStartSession(database, tables);
  const endReplaced = prepareEndReplaced(database, tables);

  function admit(admission: Admission): AdmittedSignIn {
    const { candidateId, session, replaces } = admission;
    const { createdAt } = session;
    const profile = toProfileRow(admission);
    const user = toUser(upsertUser.get({ ...profile, candidateId, createdAt }));
    const isNewUser = user.id === candidateId;
    if (user.disabledAt !== undefined)
      return { user, isNewUser, replaced: undefined };

    startSession.run({ ...toSessionRow(admission), userId: user.id });
    const [replaced] =
      replaces === undefined ? [] : endReplaced.all({ ...replaces, createdAt });
    return {
      user,
      isNewUser,
      replaced: replaced === undefined ? undefined : toEndedSession(replaced),
    };
  }

  return (admission) =>
    database.transaction(() => admit(admission), { behavior: "immediate" });
}

function prepareUpsertUser(
  database: BetterSQLite3Database,
  { authUser }: SqliteTables,
) {
  return database
    .insert(authUser)
    .values(createUserValues(authUser))
    .onConflictDoUpdate({
      target: [authUser.tenantId, authUser.objectId],
      set: createUserRefresh(authUser),
    })
    .returning()
    .prepare();
}

function prepareStartSession(
  database: BetterSQLite3Database,
  { authSession }: SqliteTables,
) {
  const columns = getTableColumns(authSession);
  const userId = bound(columns.userId, "userId");
  const values = createSessionValues(columns, userId);
  return database
    .insert(authSession)
    .select(sql`select ${sql.join([...values], sql`, `)}`)
    .prepare();
}

function prepareEndReplaced(
  database: BetterSQLite3Database,
  { authSession }: SqliteTables,
) {
  const { id, userId, secretDigest, partitionKey, idleExpiresAt } = authSession;
  return database
    .delete(authSession)
    .where(
      and(
        eq(id, sql.placeholder("sessionId")),
        eq(secretDigest, sql.placeholder("secretDigest")),
        gt(idleExpiresAt, bound(idleExpiresAt, "createdAt")),
      ),
    )
    .returning({ id, userId, partitionKey })
    .prepare();
}
