import {
  and,
  eq,
  exists,
  getTableColumns,
  isNotNull,
  notExists,
  sql,
} from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import { bound } from "./placeholder.js";
import type { Statement } from "./postgres-connections.js";
import { sessionTable, userTable } from "./postgres-schema.js";

/** Prepares the statement that starts a session unless its user is disabled, and answers a row if it did. */
export function prepareStart(database: NodePgDatabase): Statement<object> {
  const locked = lockUser(database);
  return insertUnlessDisabled(database.with(locked), locked, database)
    .returning({ id: sessionTable.id })
    .prepare("entrada_session_start");
}

/** Prepares the statement that does so and forgets the session that the new one replaces. */
export function prepareReplace(database: NodePgDatabase): Statement<object> {
  const { id } = sessionTable;
  const locked = lockUser(database);
  const started = database
    .$with("started")
    .as(insertUnlessDisabled(database, locked, database).returning({ id }));
  const ended = database.$with("ended").as(
    database
      .delete(sessionTable)
      .where(
        and(
          eq(id, bound(id, "replaces")),
          exists(database.select().from(started)),
        ),
      )
      .returning({ id }),
  );
  return database
    .with(locked, started, ended)
    .select()
    .from(started)
    .prepare("entrada_session_replace");
}

// Whoever disables the user waits until the session is there, and then ends it; or this statement waits, and finds the
// user disabled. The foreign key's own lock would let both go on at once.
function lockUser(database: NodePgDatabase) {
  const { id, disabledAt } = userTable;
  return database.$with("locked").as(
    database
      .select({ id, disabledAt })
      .from(userTable)
      .where(eq(id, bound(id, "userId")))
      .for("share"),
  );
}

// Somebody who is no user at all is not disabled either: the foreign key refuses them.
function insertUnlessDisabled(
  inserting: Pick<NodePgDatabase, "insert">,
  locked: ReturnType<typeof lockUser>,
  database: NodePgDatabase,
) {
  const values = Object.entries(getTableColumns(sessionTable)).map(
    ([name, column]) => bound(column, name),
  );
  const disabled = database
    .select()
    .from(locked)
    .where(isNotNull(locked.disabledAt));
  return inserting
    .insert(sessionTable)
    .select(
      sql`select ${sql.join(values, sql`, `)} where ${notExists(disabled)}`,
    );
}
