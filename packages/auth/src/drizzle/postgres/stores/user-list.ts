import { and, eq, or, sql } from "drizzle-orm";
import type { Column, SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { alias } from "drizzle-orm/pg-core";

import { bound } from "../../placeholder.js";
import type { Statement } from "../connections.js";
import { nameStatement } from "../statement-name.js";
import type { PostgresTables } from "../schema.js";
import type { UserRow } from "../../rows.js";

/** The prepared statements that list an organisation's users. */
export interface UserLists {
  readonly list: Statement<UserRow>;
  readonly listAfter: Statement<UserRow>;
}

/** Prepares the statements that list an organisation's users, from the first or from those after one. */
export function prepareUserLists(
  database: NodePgDatabase,
  tables: PostgresTables,
): UserLists {
  const { authUser } = tables;
  return {
    list: prepareList(
      database,
      tables,
      nameStatement(authUser, "list"),
      undefined,
    ),
    listAfter: prepareList(
      database,
      tables,
      nameStatement(authUser, "list_after"),
      isAfter(database, tables),
    ),
  };
}

// The column's collation lowers ASCII letters alone, and compares bytes.
function lowerName({ authUser }: PostgresTables) {
  return sql`lower(${authUser.name})`;
}

function prepareList(
  database: NodePgDatabase,
  tables: PostgresTables,
  statementName: string,
  position: SQL | undefined,
): Statement<UserRow> {
  const { authUser } = tables;
  const { id, tenantId, name, preferredUsername } = authUser;
  return database
    .select()
    .from(authUser)
    .where(
      and(
        eq(tenantId, bound(tenantId, "tenantId")),
        position,
        or(contains(name), contains(preferredUsername)),
      ),
    )
    .orderBy(lowerName(tables), id)
    .limit(sql.placeholder("limit"))
    .prepare(statementName);
}

// `strpos` knows no wildcards. An empty text is found in every other.
function contains(column: Column): SQL {
  return sql`strpos(lower(${column}), lower(${bound(column, "search")} COLLATE "C")) > 0`;
}

// Nobody comes after a user who is gone, or of another organisation: nothing is greater than nothing.
function isAfter(database: NodePgDatabase, tables: PostgresTables): SQL {
  const { authUser } = tables;
  const { id, tenantId } = authUser;
  const last = alias(authUser, "last");
  const position = database
    .select({ name: sql`lower(${last.name})`, id: last.id })
    .from(last)
    .where(
      and(
        eq(last.id, bound(id, "after")),
        eq(last.tenantId, bound(tenantId, "tenantId")),
      ),
    );
  return sql`(${lowerName(tables)}, ${id}) > ${position}`;
}
