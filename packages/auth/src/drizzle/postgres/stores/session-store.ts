import { createHash } from "node:crypto";
import { and, desc, eq, getTableColumns, gt, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { getTableConfig } from "drizzle-orm/pg-core";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";

import { selectOwn } from "../../user-extension.js";
import type { ParsedExtension } from "../../user-extension.js";
import type { SessionStore } from "../../../core/stores/session-store.js";
import { isOfClient, joinUserColumns } from "../../client.js";
import { bound } from "../../placeholder.js";
import { admit, prepareAdmit } from "./admission.js";
import type { Connections } from "../connection.js";
import { nameStatement, whenUsed } from "../statement.js";
import type { PostgresTables } from "../schema.js";
import { prepareSessionEndings } from "./session-endings.js";
import { toEndedSession, toSession, toSignedIn } from "../../rows.js";

/** Creates the session store on a migrated PostgreSQL database. */
export function createPostgresSessionStore<Columns>(
  connections: Connections,
  extension?: UserColumns,
): SessionStore<Columns> {
  const { runQuery } = connections.prepare((database, tables) =>
    prepareStatements(database, tables, extension),
  );

  return {
    ...createEndings(connections),
    admit: (admission) =>
      runQuery((statements, clientId) =>
        admit(statements.admit, clientId, admission),
      ),
    find: (id) =>
      runQuery(async ({ find }, clientId) => {
        const [row] = await find.execute({ clientId, id });
        return row === undefined ? undefined : toSignedIn<Columns>(row);
      }),
    list: (userId, now, limit) =>
      runQuery(async ({ list }, clientId) => {
        const rows = await list.execute({ clientId, userId, now, limit });
        return rows.map(toSession);
      }),
    renew: (id, lastSeenAt, idleExpiresAt) =>
      runQuery(async ({ renew }, clientId) => {
        await renew.execute({ clientId, id, lastSeenAt, idleExpiresAt });
      }),
    end: (id) =>
      runQuery(async ({ end }, clientId) => {
        const { rowCount } = await end.execute({ clientId, id });
        return rowCount === 1;
      }),
  };
}

type UserColumns = ParsedExtension<PgTable, PgColumn>;

function createEndings(
  connections: Connections,
): Pick<
  SessionStore,
  | "endOfUser"
  | "endAllOfUser"
  | "endByProviderSession"
  | "endBySubject"
  | "deleteExpired"
> {
  const { runQuery } = connections.prepare(prepareSessionEndings);

  return {
    endOfUser: (id, userId) =>
      runQuery(async ({ endOfUser }, clientId) => {
        const rows = await endOfUser.execute({ clientId, id, userId });
        return rows.map(toEndedSession)[0];
      }),
    endAllOfUser: (userId) =>
      runQuery(async ({ endAllOfUser }, clientId) => {
        const rows = await endAllOfUser.execute({ clientId, userId });
        return rows.map(toEndedSession);
      }),
    endByProviderSession: (
      providerSessionId,
      { tenantId, subject, startedUntil },
    ) =>
      runQuery(async ({ endByProviderSession }, clientId) => {
        const rows = await endByProviderSession.execute({
          clientId,
          providerSessionId,
          tenantId: tenantId ?? null,
          subject: subject ?? null,
          startedUntil: startedUntil ?? null,
        });
        return rows.map(toEndedSession);
      }),
    endBySubject: (tenantId, subject, startedUntil) =>
      runQuery(async ({ endBySubject }, clientId) => {
        const rows = await endBySubject.execute({
          clientId,
          tenantId,
          subject,
          startedUntil,
        });
        return rows.map(toEndedSession);
      }),
    deleteExpired: (now, limit) =>
      runQuery(async ({ deleteExpired }, clientId) => {
        const rows = await deleteExpired.execute({ clientId, now, limit });
        return rows.map(toEndedSession);
      }),
  };
}

function prepareStatements(
  database: NodePgDatabase,
  tables: PostgresTables,
  extension: UserColumns | undefined,
) {
  const { authSession } = tables;
  const { id, userId, lastSeenAt, idleExpiresAt } = authSession;
  const isSession = and(eq(id, bound(id, "id")), isOfClient(authSession));

  return {
    admit: whenUsed(() => prepareAdmit(database, tables)),
    find: whenUsed(() => prepareFind(database, tables, isSession, extension)),
    list: whenUsed(() =>
      database
        .select()
        .from(authSession)
        .where(
          and(
            eq(userId, bound(userId, "userId")),
            isOfClient(authSession),
            gt(idleExpiresAt, bound(idleExpiresAt, "now")),
          ),
        )
        .orderBy(desc(lastSeenAt), desc(id))
        .limit(sql.placeholder("limit"))
        .prepare(nameStatement(authSession, "list")),
    ),
    // An update cannot restore a deleted session.
    renew: whenUsed(() =>
      database
        .update(authSession)
        .set({
          lastSeenAt: bound(lastSeenAt, "lastSeenAt"),
          idleExpiresAt: bound(idleExpiresAt, "idleExpiresAt"),
        })
        .where(isSession)
        .prepare(nameStatement(authSession, "renew")),
    ),
    end: whenUsed(() =>
      database
        .delete(authSession)
        .where(isSession)
        .prepare(nameStatement(authSession, "end")),
    ),
  };
}

function prepareFind(
  database: NodePgDatabase,
  { authUser, authUserClient, authSession }: PostgresTables,
  isSession: SQL | undefined,
  extension: UserColumns | undefined,
) {
  const { userId, clientId } = authSession;
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
    ? found.prepare(nameStatement(authSession, "find"))
    : found
        .leftJoin(extension.table, eq(extension.userId, userId))
        .prepare(
          nameStatement(authSession, `find_${hashExtension(extension)}`),
        );
}

/** Stores with other columns may share the connection, and a name can have only one statement. */
function hashExtension({ table, userId, columns }: UserColumns): string {
  const { name, schema } = getTableConfig(table);
  const selected = Object.entries(columns).map(([key, column]) => [
    key,
    column.name,
  ]);
  return createHash("sha256")
    .update(JSON.stringify([schema, name, userId.name, selected]))
    .digest("hex")
    .slice(0, 8);
}
