import { and, eq, exists, getTableColumns, gt, isNull, sql } from "drizzle-orm";
import type { SQL, SQLWrapper } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type {
  Admission,
  AdmissionEntries,
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
import type { Statement } from "../statement.js";
import { nameStatement } from "../statement.js";
import type { PostgresTables } from "../schema.js";
import {
  toAdmissionEntryRow,
  toEndedSession,
  toProfileRow,
  toSessionRow,
  toUser,
} from "../../rows.js";
import type { EndedSessionRow, PersonRow, UserClientRow } from "../../rows.js";

/** An entry of the audit trail that the statement adds, if its values are given. */
type EntryName = keyof AdmissionEntries;

/** The user who was found or created, and the session that was replaced. */
interface AdmissionRow {
  readonly person: PersonRow;
  readonly known: UserClientRow & { readonly isNewUser: boolean };
  readonly ended: EndedSessionRow | null;
}

/**
 * Prepares the statement that admits a sign-in: one statement, so one transaction and one round trip. It locks the user's
 * row at the client before it starts the session. Disabling locks it too: either disabling ends the session, or the
 * admission finds the user disabled.
 */
export function prepareAdmit(
  database: NodePgDatabase,
  tables: PostgresTables,
): Statement<AdmissionRow> {
  const { authSession, authUser } = tables;
  const { id, userId, partitionKey } = authSession;
  const person = database.$with("person").as(upsertUser(database, tables));
  const known = database
    .$with("known")
    .as(
      upsertUserClient(
        database,
        tables,
        sql`(select ${person.id} from ${person})`,
      ),
    );
  const isAdmitted = isNull(known.disabledAt);
  const started = database.$with("started").as(
    database
      .insert(authSession)
      .select(
        sql`select ${createNewSession(tables, known.userId)} from ${known} where ${isAdmitted}`,
      )
      .returning({ id }),
  );
  const ended = database.$with("ended").as(
    database
      .delete(authSession)
      .where(
        and(
          isReplaced(tables),
          exists(database.select().from(known).where(isAdmitted)),
        ),
      )
      .returning({ id, userId, partitionKey }),
  );
  const completed = database.$with("completed").as(
    addEntry(database, tables, "completed", {
      tenantId: bound(authUser.tenantId, "tenantId"),
      userId: sql`${known.userId}`,
      condition: sql`from ${known} where ${isAdmitted}`,
    }),
  );
  const tenantOfEnded = database
    .select({ tenantId: authUser.tenantId })
    .from(authUser)
    .where(eq(authUser.id, ended.userId));
  const replaced = database.$with("replaced").as(
    addEntry(database, tables, "replaced", {
      tenantId: sql`${tenantOfEnded}`,
      userId: sql`${ended.userId}`,
      condition: sql`from ${ended} where true`,
    }),
  );
  return database
    .with(person, known, started, ended, completed, replaced)
    .select()
    .from(person)
    .innerJoin(known, sql`true`)
    .leftJoin(ended, sql`true`)
    .prepare(nameStatement(authSession, "admit"));
}

/** Admits the sign-in with the prepared statement. */
export async function admit(
  statement: Statement<AdmissionRow>,
  clientId: string,
  admission: Admission,
): Promise<AdmittedSignIn> {
  const { candidateId, replaces, entries } = admission;
  const [row] = await statement.execute({
    ...toProfileRow(admission),
    ...toSessionRow(admission),
    clientId,
    candidateId,
    replacedId: replaces?.sessionId ?? null,
    replacedDigest: replaces?.secretDigest ?? null,
    ...nameEntryValues("completed", entries?.completed),
    ...nameEntryValues("replaced", entries?.replaced),
  });
  if (row === undefined)
    throw new Error("The database returned no row for a stored user.");
  return {
    user: toUser({ ...row.known, ...row.person }),
    isNewUser: row.known.isNewUser,
    replaced: row.ended === null ? undefined : toEndedSession(row.ended),
  };
}

function upsertUser(
  database: NodePgDatabase,
  { authUser, authUserClient }: PostgresTables,
) {
  return database
    .insert(authUser)
    .values(createUserValues(authUser))
    .onConflictDoUpdate({
      target: [authUser.tenantId, authUser.objectId],
      set: createUserRefresh(authUser, authUserClient),
    })
    .returning();
}

// `xmax` is 0 in an inserted row, and the ID of the locking transaction in an updated row.
function upsertUserClient(
  database: NodePgDatabase,
  { authUserClient }: PostgresTables,
  userId: SQL,
) {
  return database
    .insert(authUserClient)
    .values(createUserClientValues(authUserClient, userId))
    .onConflictDoUpdate({
      target: [authUserClient.userId, authUserClient.clientId],
      set: createUserClientRefresh(authUserClient),
    })
    .returning({
      ...getTableColumns(authUserClient),
      isNewUser: sql<boolean>`xmax = 0`.as("is_new_user"),
    });
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
    isOfClient(authSession),
    eq(secretDigest, bound(secretDigest, "replacedDigest")),
    gt(idleExpiresAt, bound(idleExpiresAt, "createdAt")),
  );
}

function addEntry(
  database: NodePgDatabase,
  { authEvent }: PostgresTables,
  entry: EntryName,
  known: {
    readonly tenantId: SQL;
    readonly userId: SQL;
    readonly condition: SQL;
  },
) {
  const { id, clientId, type, occurredAt, flowId, sessionId, reason } =
    authEvent;
  const values: Readonly<Record<string, SQL>> = {
    id: bound(id, `${entry}.id`),
    clientId: bound(clientId, "clientId"),
    type: bound(type, `${entry}.type`),
    occurredAt: bound(occurredAt, `${entry}.occurredAt`),
    tenantId: known.tenantId,
    flowId: bound(flowId, `${entry}.flowId`),
    sessionId: bound(sessionId, `${entry}.sessionId`),
    userId: known.userId,
    reason: bound(reason, `${entry}.reason`),
  };
  const columns = Object.keys(getTableColumns(authEvent)).map(
    (name) => values[name] ?? sql`null`,
  );
  return database
    .insert(authEvent)
    .select(
      sql`select ${sql.join(columns, sql`, `)} ${known.condition} and ${bound(id, `${entry}.id`)}::text is not null`,
    )
    .returning({ id });
}

function nameEntryValues(
  name: EntryName,
  entry: AdmissionEntry | undefined,
): Readonly<Record<string, unknown>> {
  const row = entry === undefined ? noEntry : toAdmissionEntryRow(entry);
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [`${name}.${column}`, value]),
  );
}

const noEntry = {
  id: null,
  type: null,
  occurredAt: null,
  flowId: null,
  sessionId: null,
  reason: null,
};
