import Database from "better-sqlite3";

export type TableName = "flow" | "user" | "session" | "token_cache";

/** The number of rows of each table. */
export type RowCounts = Readonly<Record<TableName, number>>;

const tables: readonly TableName[] = ["flow", "user", "session", "token_cache"];

/** Opens a separate connection to the server's database, to read or change it. */
export function withDatabase<Result>(
  path: string,
  act: (database: Database.Database) => Result,
): Result {
  const database = new Database(path, { timeout: 5000 });
  try {
    return act(database);
  } finally {
    database.close();
  }
}

/** Counts the rows of every table. */
export function countRows(path: string): RowCounts {
  return withDatabase(path, (database) => {
    const count = (table: TableName) =>
      database
        .prepare<[], number>(`SELECT count(*) FROM auth_${table}`)
        .pluck()
        .get() ?? 0;
    const [flow = 0, user = 0, session = 0, tokenCache = 0] = tables.map(count);
    return { flow, user, session, token_cache: tokenCache };
  });
}
