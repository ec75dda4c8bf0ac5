import { and, eq, getTableColumns, gt, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { UserId } from "../../../core/identifiers.js";
import type {
  Admission,
  AdmissionEntry,
  AdmittedSignIn,
} from "../../../core/stores/session-store.js";
import {
  createSessionValues,
  createUserClientRefresh,
  createUserClientValues,
  createUserRefresh,
  createUserValues,
} from "../../insert-values.js";
import { isOfClient } from "../../client.js";
import { bound } from "../../placeholder.js";
import {
  toAdmissionEntryRow,
  toEndedSession,
  toProfileRow,
  toSessionRow,
  toUser,
} from "../../rows.js";
import type { SqliteTables } from "../schema.js";
import { whenUsed } from "../statement.js";
import { prepareAppend } from "./audit-store.js";

/** Prepares the statements that admit a sign-in, and returns the function that runs them in one transaction. */
export function prepareAdmission(
  database: BetterSQLite3Database,
  tables: SqliteTables,
): (clientId: string, admission: Admission) => AdmittedSignIn {
  const upsertUser = prepareUpsertUser(database, tables);
  const findKnown = prepareFindKnown(database, tables);
  const upsertUserClient = prepareUpsertUserClient(database, tables);
  const startSession = prepareStartSession(database, tables);
  const endReplaced = prepareEndReplaced(database, tables);
  const append = prepareAppend(database, tables);

  function admit(clientId: string, admission: Admission): AdmittedSignIn {
    const { candidateId, session, replaces, entries } = admission;
    const { createdAt } = session;
    const profile = { ...toProfileRow(admission), clientId, createdAt };
    const person = upsertUser.get({ ...profile, candidateId });
    const userId = person.id;
    const isNewUser = findKnown.get({ clientId, userId }) === undefined;
    const known = upsertUserClient.get({ ...profile, userId });
    const user = toUser({ ...known, ...person });
    if (user.disabledAt !== undefined)
      return { user, isNewUser, replaced: undefined };

    startSession.run({ ...toSessionRow(admission), clientId, userId });
    const [replaced] =
      replaces === undefined
        ? []
        : endReplaced.all({ ...replaces, clientId, createdAt });
    addEntry(clientId, entries?.completed, userId);
    addEntry(clientId, entries?.replaced, replaced?.userId);
    return {
      user,
      isNewUser,
      replaced: replaced === undefined ? undefined : toEndedSession(replaced),
    };
  }

  function addEntry(
    clientId: string,
    entry: AdmissionEntry | undefined,
    userId: UserId | undefined,
  ): void {
    if (entry === undefined || userId === undefined) return;
    append.run({ ...toAdmissionEntryRow(entry), clientId, userId });
  }

  return (clientId, admission) =>
    database.transaction(() => admit(clientId, admission), {
      behavior: "immediate",
    });
}

function prepareUpsertUser(
  database: BetterSQLite3Database,
  { authUser, authUserClient }: SqliteTables,
) {
  return whenUsed(() =>
    database
      .insert(authUser)
      .values(createUserValues(authUser))
      .onConflictDoUpdate({
        target: [authUser.tenantId, authUser.objectId],
        set: createUserRefresh(authUser, authUserClient),
      })
      .returning()
      .prepare(),
  );
}

function prepareFindKnown(
  database: BetterSQLite3Database,
  { authUserClient }: SqliteTables,
) {
  const { userId } = authUserClient;
  return whenUsed(() =>
    database
      .select({ userId })
      .from(authUserClient)
      .where(
        and(eq(userId, bound(userId, "userId")), isOfClient(authUserClient)),
      )
      .prepare(),
  );
}

function prepareUpsertUserClient(
  database: BetterSQLite3Database,
  { authUserClient }: SqliteTables,
) {
  const userId = bound(authUserClient.userId, "userId");
  return whenUsed(() =>
    database
      .insert(authUserClient)
      .values(createUserClientValues(authUserClient, userId))
      .onConflictDoUpdate({
        target: [authUserClient.userId, authUserClient.clientId],
        set: createUserClientRefresh(authUserClient),
      })
      .returning()
      .prepare(),
  );
}

function prepareStartSession(
  database: BetterSQLite3Database,
  { authSession }: SqliteTables,
) {
  const columns = getTableColumns(authSession);
  const userId = bound(columns.userId, "userId");
  const values = createSessionValues(columns, userId);
  return whenUsed(() =>
    database
      .insert(authSession)
      .select(sql`select ${sql.join([...values], sql`, `)}`)
      .prepare(),
  );
}

function prepareEndReplaced(
  database: BetterSQLite3Database,
  { authSession }: SqliteTables,
) {
  const { id, userId, secretDigest, partitionKey, idleExpiresAt } = authSession;
  return whenUsed(() =>
    database
      .delete(authSession)
      .where(
        and(
          eq(id, sql.placeholder("sessionId")),
          isOfClient(authSession),
          eq(secretDigest, sql.placeholder("secretDigest")),
          gt(idleExpiresAt, bound(idleExpiresAt, "createdAt")),
        ),
      )
      .returning({ id, userId, partitionKey })
      .prepare(),
  );
}
