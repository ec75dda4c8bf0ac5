import { and, eq, or, sql } from "drizzle-orm";
import type { Column, SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { alias } from "drizzle-orm/pg-core";

import { bound } from "../../placeholder.js";
import type { Statement } from "../connections.js";
import { userTable } from "../schema.js";
import type { UserRow } from "../../rows.js";

const { id, tenantId, name, preferredUsername } = userTable;

/** The prepared statements that list an organisation's users. */
export interface UserLists {
  readonly list: Statement<UserRow>;
  readonly listAfter: Statement<UserRow>;
}

/** Prepares the statements that list an organisation's users, from the first or from those after one. */
export function prepareUserLists(database: NodePgDatabase): UserLists {
  return {
    list: prepareList(database, "entrada_user_list", undefined),
    listAfter: prepareList(
      database,
      "entrada_user_list_after",
      isAfter(database),
    ),
  };
}

// The column's collation lowers ASCII letters alone, and compares bytes.
const lowerName = sql`lower(${name})`;

function prepareList(
  database: NodePgDatabase,
  statementName: string,
  position: SQL | undefined,
): Statement<UserRow> {
  return database
    .select()
    .from(userTable)
    .where(
      and(
        eq(tenantId, bound(tenantId, "tenantId")),
        position,
        or(contains(name), contains(preferredUsername)),
      ),
    )
    .orderBy(lowerName, id)
    .limit(sql.placeholder("limit"))
    .prepare(statementName);
}

// `strpos` knows no wildcards. An empty text is found in every other.
function contains(column: Column): SQL {
  return sql`strpos(lower(${column}), lower(${bound(column, "search")} COLLATE "C")) > 0`;
}

// Nobody comes after a user who is gone, or of another organisation: nothing is greater than nothing.
function isAfter(database: NodePgDatabase): SQL {
  const last = alias(userTable, "last");
  const position = database
    .select({ name: sql`lower(${last.name})`, id: last.id })
    .from(last)
    .where(
      and(
        eq(last.id, bound(id, "after")),
        eq(last.tenantId, bound(tenantId, "tenantId")),
      ),
    );
  return sql`(${lowerName}, ${id}) > ${position}`;
}
