/** One step of the schema, as drizzle-kit made it. */
export interface Migration {
  /** Names the migration; the name of its SQL file. */
  readonly tag: string;
  readonly statements: readonly string[];
}
