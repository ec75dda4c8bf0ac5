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
import { sessionTable, userTable } from "../schema.js";

/** Prepares the statements that admit a sign-in, and returns the function that runs them in one transaction. */
export function prepareAdmission(
  database: BetterSQLite3Database,
): (admission: Admission) => AdmittedSignIn {
  const upsertUser = prepareUpsertUser(database);
  const startSession = prepareStartSession(database);
  const endReplaced = prepareEndReplaced(database);

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

function prepareUpsertUser(database: BetterSQLite3Database) {
  return database
    .insert(userTable)
    .values(createUserValues(userTable))
    .onConflictDoUpdate({
      target: [userTable.tenantId, userTable.objectId],
      set: createUserRefresh(userTable),
    })
    .returning()
    .prepare();
}

function prepareStartSession(database: BetterSQLite3Database) {
  const columns = getTableColumns(sessionTable);
  const userId = bound(columns.userId, "userId");
  const values = createSessionValues(columns, userId);
  return database
    .insert(sessionTable)
    .select(sql`select ${sql.join([...values], sql`, `)}`)
    .prepare();
}

function prepareEndReplaced(database: BetterSQLite3Database) {
  const { id, userId, secretDigest, partitionKey, idleExpiresAt } =
    sessionTable;
  return database
    .delete(sessionTable)
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
