/** What the names of all tables, indexes and triggers begin with, unless the app says otherwise. */
export const defaultPrefix = "auth_";

/**
 * Returns the prefix.
 *
 * @throws {TypeError} if it is not lower case, needs quoting in SQL, or could make a name too long for PostgreSQL.
 */
export function requirePrefix(prefix: string): string {
  if (/^[a-z][a-z\d_]{0,15}$/.test(prefix)) return prefix;
  throw new TypeError(
    `The prefix ${JSON.stringify(prefix)} cannot begin the names of tables. Use up to 16 lower-case letters, digits and underscores, beginning with a letter.`,
  );
}

/** The tables whose names had no prefix at first; `auth_event` had it always. */
export const unprefixedTables: readonly string[] = [
  "flow",
  "lease",
  "rate_limit",
  "session",
  "token_cache",
  "user",
];
