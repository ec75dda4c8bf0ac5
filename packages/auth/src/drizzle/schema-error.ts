/**
 * The tables in the database are not those that this version needs. A retry does not help. The message lists them and the
 * next step.
 */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
  /** The tables, columns, indexes, triggers or migrations in the message. */
  readonly parts: readonly string[];

  constructor(message: string, parts: readonly string[]) {
    super(message);
    this.parts = parts;
  }
}
