/** One step of the schema, as drizzle-kit made it. */
export interface Migration {
  /** Names the migration; the name of its SQL file. */
  readonly tag: string;
  readonly statements: readonly string[];
}

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
