/** The prefix of all tables, indexes and triggers, unless the app sets another. */
export const defaultPrefix = "auth_";

/**
 * Returns the prefix if it is valid.
 *
 * @throws {TypeError} if it is not lower case, needs quotes in SQL, or could make a name too long for PostgreSQL.
 */
export function requirePrefix(prefix: string): string {
  if (/^[a-z][a-z\d_]{0,15}$/.test(prefix)) return prefix;
  throw new TypeError(
    `The table prefix ${JSON.stringify(prefix)} is invalid. Use up to 16 lower-case letters, digits and underscores, starting with a letter.`,
  );
}

/** The tables that had no prefix in version 0.1. `auth_event` has always had it. */
export const unprefixedTables: readonly string[] = [
  "flow",
  "lease",
  "rate_limit",
  "session",
  "token_cache",
  "user",
];
