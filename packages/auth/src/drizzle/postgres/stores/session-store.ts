import { and, desc, eq, gt } from "drizzle-orm";
import { sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { SessionStore } from "../../../core/stores/session-store.js";
import { bound } from "../../placeholder.js";
import { admit, prepareAdmit } from "./admission.js";
import type { Connections } from "../connections.js";
import { nameStatement } from "../statement-name.js";
import type { PostgresTables } from "../schema.js";
import { prepareSessionEndings } from "./session-endings.js";
import { toEndedSession, toSession, toSignedIn } from "../../rows.js";

/** Creates the session store on a migrated PostgreSQL database. */
export function createPostgresSessionStore(
  connections: Connections,
): SessionStore {
  const { ask } = connections.prepare(prepareStatements);

  return {
    ...createEndings(connections),
    admit: (admission) =>
      ask((statements) => admit(statements.admit, admission)),
    find: (id) =>
      ask(async ({ find }) => {
        const [row] = await find.execute({ id });
        return row === undefined ? undefined : toSignedIn(row);
      }),
    list: (userId, now, limit) =>
      ask(async ({ list }) => {
        const rows = await list.execute({ userId, now, limit });
        return rows.map(toSession);
      }),
    renew: (id, lastSeenAt, idleExpiresAt) =>
      ask(async ({ renew }) => {
        await renew.execute({ id, lastSeenAt, idleExpiresAt });
      }),
    end: (id) =>
      ask(async ({ end }) => {
        const { rowCount } = await end.execute({ id });
        return rowCount === 1;
      }),
  };
}

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
  const { ask } = connections.prepare(prepareSessionEndings);

  return {
    endOfUser: (id, userId) =>
      ask(async ({ endOfUser }) => {
        const rows = await endOfUser.execute({ id, userId });
        return rows.map(toEndedSession)[0];
      }),
    endAllOfUser: (userId) =>
      ask(async ({ endAllOfUser }) => {
        const rows = await endAllOfUser.execute({ userId });
        return rows.map(toEndedSession);
      }),
    endByProviderSession: (
      providerSessionId,
      { tenantId, subject, startedUntil },
    ) =>
      ask(async ({ endByProviderSession }) => {
        const rows = await endByProviderSession.execute({
          providerSessionId,
          tenantId: tenantId ?? null,
          subject: subject ?? null,
          startedUntil: startedUntil ?? null,
        });
        return rows.map(toEndedSession);
      }),
    endBySubject: (tenantId, subject, startedUntil) =>
      ask(async ({ endBySubject }) => {
        const rows = await endBySubject.execute({
          tenantId,
          subject,
          startedUntil,
        });
        return rows.map(toEndedSession);
      }),
    deleteExpired: (now, limit) =>
      ask(async ({ deleteExpired }) => {
        const rows = await deleteExpired.execute({ now, limit });
        return rows.map(toEndedSession);
      }),
  };
}

function prepareStatements(database: NodePgDatabase, tables: PostgresTables) {
  const { authUser, authSession } = tables;
  const { id, userId, lastSeenAt, idleExpiresAt } = authSession;
  const isSession = eq(id, bound(id, "id"));

  return {
    admit: prepareAdmit(database, tables),
    find: database
      .select({ session: authSession, user: authUser })
      .from(authSession)
      .innerJoin(authUser, eq(authUser.id, userId))
      .where(isSession)
      .prepare(nameStatement(authSession, "find")),
    list: database
      .select()
      .from(authSession)
      .where(
        and(
          eq(userId, bound(userId, "userId")),
          gt(idleExpiresAt, bound(idleExpiresAt, "now")),
        ),
      )
      .orderBy(desc(lastSeenAt), desc(id))
      .limit(sql.placeholder("limit"))
      .prepare(nameStatement(authSession, "list")),
    // An update cannot bring an ended session back, whenever it arrives.
    renew: database
      .update(authSession)
      .set({
        lastSeenAt: bound(lastSeenAt, "lastSeenAt"),
        idleExpiresAt: bound(idleExpiresAt, "idleExpiresAt"),
      })
      .where(isSession)
      .prepare(nameStatement(authSession, "renew")),
    end: database
      .delete(authSession)
      .where(isSession)
      .prepare(nameStatement(authSession, "end")),
  };
}
