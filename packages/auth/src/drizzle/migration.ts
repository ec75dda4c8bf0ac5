/** One step of the schema, as drizzle-kit made it. */
export interface Migration {
  /** Names the migration; the name of its SQL file. */
  readonly tag: string;
  readonly statements: readonly string[];
}

/** What tells an upgrade whose rows the database holds. */
export interface MigratingClient {
  /**
   * The client ID of the app. Rows that an earlier version stored without one become this client's; without it, sessions,
   * flows, tokens, roles and groups are dropped until the next sign-in, and a process warning says so.
   */
  readonly clientId?: string | undefined;
}

/** Returns the statement with the client ID filled in. */
export function fillClientId(statement: string, clientId = ""): string {
  return statement.replaceAll(
    placeholder,
    `'${clientId.replaceAll("'", "''")}'`,
  );
}

/** Returns whether one of the migrations gives rows to the client that migrates. */
export function needsClientId(migrations: readonly Migration[]): boolean {
  return migrations.some(({ statements }) =>
    statements.some((statement) => statement.includes(placeholder)),
  );
}

/** Warns that rows were dropped, because no client ID was given. */
export function warnOfDroppedRows(): void {
  process.emitWarning(
    "The database of an earlier version was migrated without a client ID: sessions, flows, tokens, roles and groups were dropped, and users have to sign in again.",
    { type: "EntradaWarning", code: "ENTRADA_CLIENT_ID_MISSING" },
  );
}

const placeholder = "'{clientId}'";

/**
 * Returns the migrations that are not among the applied ones, in order.
 *
 * @throws {Error} if one was applied that is not among the migrations: a newer version of this package made it.
 */
export function listMissing(
  applied: readonly string[],
  migrations: readonly Migration[],
): readonly Migration[] {
  const known = new Set(migrations.map(({ tag }) => tag));
  const unknown = applied.filter((tag) => !known.has(tag));
  if (unknown.length > 0)
    throw new Error(
      `The database has migrations that this version of @entrada/auth does not know: ${unknown.join(", ")}. ` +
        "Start the version that made them, or a newer one.",
    );
  return migrations.filter(({ tag }) => !applied.includes(tag));
}
