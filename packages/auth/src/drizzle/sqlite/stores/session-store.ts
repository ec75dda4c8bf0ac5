import { and, desc, eq, getTableColumns, gt, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";

import { selectOwn } from "../../user-extension.js";
import type { ParsedExtension } from "../../user-extension.js";
import type { SessionStore } from "../../../core/stores/session-store.js";
import { toEndedSession, toSession, toSignedIn } from "../../rows.js";
import { isOfClient, joinUserColumns } from "../../client.js";
import type { RunQuery } from "../connection.js";
import { bound } from "../../placeholder.js";
import type { SqliteTables } from "../schema.js";
import { whenUsed } from "../statement.js";
import { prepareAdmission } from "./admission.js";
import { prepareSessionEndings } from "./session-endings.js";

/** Creates the session store on a migrated SQLite database. */
export function createSqliteSessionStore<Columns>(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  runQuery: RunQuery,
  extension?: UserColumns,
): SessionStore<Columns> {
  const statements = prepareStatements(database, tables, extension);
  const admit = prepareAdmission(database, tables);

  return {
    ...createEndings(database, tables, runQuery),
    admit: (admission) => runQuery((clientId) => admit(clientId, admission)),
    find: (id) =>
      runQuery((clientId) => {
        const row = statements.find.get({ clientId, id });
        return row === undefined ? undefined : toSignedIn<Columns>(row);
      }),
    list: (userId, now, limit) =>
      runQuery((clientId) =>
        statements.list.all({ clientId, userId, now, limit }).map(toSession),
      ),
    renew: (id, lastSeenAt, idleExpiresAt) =>
      runQuery((clientId) => {
        statements.renew.run({ clientId, id, lastSeenAt, idleExpiresAt });
      }),
    end: (id) =>
      runQuery((clientId) => statements.end.run({ clientId, id }).changes > 0),
  };
}

type UserColumns = ParsedExtension<SQLiteTable, SQLiteColumn>;

function createEndings(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  runQuery: RunQuery,
): Pick<
  SessionStore,
  | "endOfUser"
  | "endAllOfUser"
  | "endByProviderSession"
  | "endBySubject"
  | "deleteExpired"
> {
  const statements = prepareSessionEndings(database, tables);

  return {
    endOfUser: (id, userId) =>
      runQuery(
        (clientId) =>
          statements.endOfUser
            .all({ clientId, id, userId })
            .map(toEndedSession)[0],
      ),
    endAllOfUser: (userId) =>
      runQuery((clientId) =>
        statements.endAllOfUser.all({ clientId, userId }).map(toEndedSession),
      ),
    endByProviderSession: (providerSessionId, scope) =>
      runQuery((clientId) => {
        const names = {
          clientId,
          providerSessionId,
          tenantId: scope.tenantId ?? null,
          subject: scope.subject ?? null,
          startedUntil: scope.startedUntil ?? null,
        };
        // Unauthenticated requests can name any session of the provider, so an unknown session must not cause a write.
        if (statements.findByProviderSession.get(names) === undefined)
          return [];
        return statements.endByProviderSession.all(names).map(toEndedSession);
      }),
    endBySubject: (tenantId, subject, startedUntil) =>
      runQuery((clientId) =>
        statements.endBySubject
          .all({ clientId, tenantId, subject, startedUntil })
          .map(toEndedSession),
      ),
    deleteExpired: (now, limit) =>
      runQuery((clientId) =>
        statements.deleteExpired
          .all({ clientId, now, limit })
          .map(toEndedSession),
      ),
  };
}

function prepareStatements(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  extension: UserColumns | undefined,
) {
  const { authSession } = tables;
  const isSession = and(
    eq(authSession.id, sql.placeholder("id")),
    isOfClient(authSession),
  );

  return {
    find: prepareFind(database, tables, isSession, extension),
    list: prepareList(database, tables),
    // An update cannot restore a deleted session.
    renew: whenUsed(() =>
      database
        .update(authSession)
        .set({
          lastSeenAt: bound(authSession.lastSeenAt, "lastSeenAt"),
          idleExpiresAt: bound(authSession.idleExpiresAt, "idleExpiresAt"),
        })
        .where(isSession)
        .prepare(),
    ),
    end: whenUsed(() =>
      database.delete(authSession).where(isSession).prepare(),
    ),
  };
}

function prepareFind(
  database: BetterSQLite3Database,
  { authUser, authUserClient, authSession }: SqliteTables,
  isSession: SQL | undefined,
  extension: UserColumns | undefined,
) {
  const { userId, clientId } = authSession;
  return whenUsed(() => {
    const found = database
      .select({
        session: authSession,
        user: joinUserColumns(
          getTableColumns(authUser),
          getTableColumns(authUserClient),
        ),
        own: selectOwn(extension),
      })
      .from(authSession)
      .innerJoin(authUser, eq(authUser.id, userId))
      .innerJoin(
        authUserClient,
        and(
          eq(authUserClient.userId, userId),
          eq(authUserClient.clientId, clientId),
        ),
      )
      .where(isSession)
      .$dynamic();
    return extension === undefined
      ? found.prepare()
      : found.leftJoin(extension.table, eq(extension.userId, userId)).prepare();
  });
}

function prepareList(
  database: BetterSQLite3Database,
  { authSession }: SqliteTables,
) {
  // The plus prevents SQLite from using the index on the expiry, which would read all unexpired sessions of the client.
  const isUnexpired = gt(
    sql`+${authSession.idleExpiresAt}`,
    bound(authSession.idleExpiresAt, "now"),
  );
  return whenUsed(() =>
    database
      .select()
      .from(authSession)
      .where(
        and(
          eq(authSession.userId, sql.placeholder("userId")),
          isOfClient(authSession),
          isUnexpired,
        ),
      )
      .orderBy(desc(authSession.lastSeenAt), desc(authSession.id))
      .limit(sql.placeholder("limit"))
      .prepare(),
  );
}
