import { and, desc, eq, gt, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { SessionStore } from "../../../core/stores/session-store.js";
import { toEndedSession, toSession, toSignedIn } from "../../rows.js";
import type { Answer } from "../error.js";
import { bound } from "../../placeholder.js";
import type { SqliteTables } from "../schema.js";
import { prepareAdmission } from "./admission.js";
import { prepareSessionEndings } from "./session-endings.js";

/** Creates the session store on a migrated SQLite database. */
export function createSqliteSessionStore(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  answer: Answer,
): SessionStore {
  const statements = prepareStatements(database, tables);
  const admit = prepareAdmission(database, tables);

  return {
    ...createEndings(database, tables, answer),
    admit: (admission) => answer(() => admit(admission)),
    find: (id) =>
      answer(() => {
        const row = statements.find.get({ id });
        return row === undefined ? undefined : toSignedIn(row);
      }),
    list: (userId, now, limit) =>
      answer(() => statements.list.all({ userId, now, limit }).map(toSession)),
    renew: (id, lastSeenAt, idleExpiresAt) =>
      answer(() => {
        statements.renew.run({ id, lastSeenAt, idleExpiresAt });
      }),
    end: (id) => answer(() => statements.end.run({ id }).changes > 0),
  };
}

function createEndings(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  answer: Answer,
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
      answer(
        () => statements.endOfUser.all({ id, userId }).map(toEndedSession)[0],
      ),
    endAllOfUser: (userId) =>
      answer(() => statements.endAllOfUser.all({ userId }).map(toEndedSession)),
    endByProviderSession: (providerSessionId, scope) =>
      answer(() => {
        const names = {
          providerSessionId,
          tenantId: scope.tenantId ?? null,
          subject: scope.subject ?? null,
          startedUntil: scope.startedUntil ?? null,
        };
        // Anybody may name any session of the provider: one that is unknown costs no write.
        if (statements.findByProviderSession.get(names) === undefined)
          return [];
        return statements.endByProviderSession.all(names).map(toEndedSession);
      }),
    endBySubject: (tenantId, subject, startedUntil) =>
      answer(() =>
        statements.endBySubject
          .all({ tenantId, subject, startedUntil })
          .map(toEndedSession),
      ),
    deleteExpired: (now, limit) =>
      answer(() =>
        statements.deleteExpired.all({ now, limit }).map(toEndedSession),
      ),
  };
}

function prepareStatements(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authUser, authSession } = tables;
  const isSession = eq(authSession.id, sql.placeholder("id"));

  return {
    find: database
      .select({ session: authSession, user: authUser })
      .from(authSession)
      .innerJoin(authUser, eq(authUser.id, authSession.userId))
      .where(isSession)
      .prepare(),
    list: prepareList(database, tables),
    // An update cannot bring an ended session back, whenever it arrives.
    renew: database
      .update(authSession)
      .set({
        lastSeenAt: bound(authSession.lastSeenAt, "lastSeenAt"),
        idleExpiresAt: bound(authSession.idleExpiresAt, "idleExpiresAt"),
      })
      .where(isSession)
      .prepare(),
    end: database.delete(authSession).where(isSession).prepare(),
  };
}

function prepareList(
  database: BetterSQLite3Database,
  { authSession }: SqliteTables,
) {
  const isUnexpired = gt(
    authSession.idleExpiresAt,
    bound(authSession.idleExpiresAt, "now"),
  );
  return database
    .select()
    .from(authSession)
    .where(and(eq(authSession.userId, sql.placeholder("userId")), isUnexpired))
    .orderBy(desc(authSession.lastSeenAt), desc(authSession.id))
    .limit(sql.placeholder("limit"))
    .prepare();
}
