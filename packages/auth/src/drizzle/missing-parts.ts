import { SchemaError } from "./schema-error.js";

/** The parts of a table, as Drizzle describes it. */
interface TableConfig {
  readonly name: string;
  readonly columns: readonly {
    readonly name: string;
    getSQLType(): string;
  }[];
  readonly indexes: readonly {
    readonly config: {
      readonly name?: string | undefined;
      readonly unique?: boolean | undefined;
    };
  }[];
}

/**
 * Compares the tables and triggers with the parts in the database: `table x`, `column x.y type`, `index z`,
 * `unique index z`, `trigger t`.
 *
 * @throws {SchemaError} if parts are missing; the message lists them.
 */
export function requireParts(
  tables: readonly TableConfig[],
  triggers: readonly string[],
  found: ReadonlySet<string>,
): void {
  const missing = [
    ...tables.flatMap(listParts(found)),
    ...triggers.flatMap(listTriggerNames).map((name) => `trigger ${name}`),
  ].filter((part) => !found.has(part));
  if (missing.length === 0) return;
  throw new SchemaError(
    `The database lacks ${missing.join(", ")}. With migrate: false, the app's own migrations create the tables: ` +
      "add the missing parts of createSchema and formatTriggers to them.",
    missing,
  );
}

function listParts(found: ReadonlySet<string>) {
  return ({ name, columns, indexes }: TableConfig): readonly string[] => {
    const table = `table ${name}`;
    if (!found.has(table)) return [table];
    return [
      ...columns.map(
        (column) =>
          `column ${name}.${column.name} ${column.getSQLType().replace(" (", "(")}`,
      ),
      ...indexes.map(
        ({ config }) =>
          `${config.unique === true ? "unique " : ""}index ${config.name}`,
      ),
    ];
  };
}

function listTriggerNames(statement: string): readonly string[] {
  return /^CREATE TRIGGER ["`](\S+?)["`]/m.exec(statement)?.slice(1) ?? [];
}
