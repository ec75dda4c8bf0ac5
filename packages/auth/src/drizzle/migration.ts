import { SchemaError } from "./schema-error.js";

/** A migration that drizzle-kit generated. */
export interface Migration {
  /** The name of the migration and of its SQL file. */
  readonly tag: string;
  /** `{prefix}` at the start of a name is replaced when the statement is applied. */
  readonly statements: readonly string[];
}

/** The client that rows of an earlier version are assigned to. */
export interface MigratingClient {
  /**
   * The client ID of the app. Rows that an earlier version stored without one are assigned to this client. Without it,
   * sessions, flows, tokens, roles and groups are dropped, and a process warning is emitted.
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

/** Returns whether one of the migrations assigns rows to the client. */
export function needsClientId(migrations: readonly Migration[]): boolean {
  return migrations.some(({ statements }) =>
    statements.some((statement) => statement.includes(placeholder)),
  );
}

/** Warns that rows were dropped, because no client ID was given. */
export function warnOfDroppedRows(): void {
  process.emitWarning(
    "The database of an earlier version was migrated without a client ID: sessions, flows, tokens, roles and groups were dropped. Users must sign in again.",
    { type: "EntradaWarning", code: "ENTRADA_CLIENT_ID_MISSING" },
  );
}

const placeholder = "'{clientId}'";

/**
 * Returns the migrations that have not been applied, in order.
 *
 * @throws {SchemaError} if an unknown migration was applied, which is one of a newer version of this package.
 */
export function listMissing(
  applied: readonly string[],
  migrations: readonly Migration[],
): readonly Migration[] {
  const known = new Set(migrations.map(({ tag }) => tag));
  const unknown = applied.filter((tag) => !known.has(tag));
  if (unknown.length > 0)
    throw new SchemaError(
      `The database has migrations that this version of @entrada/auth does not know: ${unknown.join(", ")}. ` +
        "Start the version that applied them, or a newer version.",
      unknown,
    );
  return migrations.filter(({ tag }) => !applied.includes(tag));
}

/** Returns the names of the tables, indexes and functions that the missing migrations create, with the prefix. */
export function listNewNames(
  migrations: readonly Migration[],
  missing: readonly Migration[],
  prefix: string,
): readonly string[] {
  const applied = migrations.filter(
    (migration) => !missing.includes(migration),
  );
  const existing = new Set(applied.flatMap(listCreated));
  return missing
    .flatMap(listCreated)
    .filter((name) => !existing.has(name))
    .map((name) => fillPrefix(name, prefix));
}

/** @throws {SchemaError} if any names are taken; the message lists them. */
export function requireNoneTaken(taken: readonly string[]): void {
  if (taken.length === 0) return;
  throw new SchemaError(
    `The database already contains ${taken.join(", ")}, which no migration of @entrada/auth created. ` +
      "Choose another prefix, or another schema in PostgreSQL. If the app's own migrations create these tables, set migrate to false.",
    taken,
  );
}

/** Returns the statements that create the triggers of the newest schema and their functions. */
export function listTriggers(
  migrations: readonly Migration[],
): readonly string[] {
  const triggers = new Map<string, string>();
  for (const statement of migrations.flatMap(({ statements }) => statements)) {
    const [, action, name] =
      /^(CREATE|DROP) (?:OR REPLACE )?(?:FUNCTION|TRIGGER) (["`]\S+["`])/m.exec(
        statement,
      ) ?? [];
    if (name === undefined) continue;
    // A function that is replaced stays before the triggers that run it.
    if (action === "CREATE") triggers.set(name, statement);
    else triggers.delete(name);
  }
  return [...triggers.values()];
}

/** Returns the statement of a migration with the prefix in its names. */
export function fillPrefix(statement: string, prefix: string): string {
  return statement.replaceAll("{prefix}", prefix);
}

function listCreated({ statements }: Migration): readonly string[] {
  return statements.flatMap((statement) => {
    const match =
      /^CREATE (?:UNIQUE )?(?:FUNCTION|INDEX|TABLE) ["`](\S+?)["`]/m.exec(
        statement,
      );
    return match?.[1] ?? [];
  });
}
