/**
 * The tables in the database are not those that this version needs. Waiting does not help. The message names them and says
 * what to do.
 */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
  /** The tables, columns, indexes, triggers or migrations that the message names. */
  readonly parts: readonly string[];

  constructor(message: string, parts: readonly string[]) {
    super(message);
    this.parts = parts;
  }
}
