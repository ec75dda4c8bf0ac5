import { SchemaError } from "./schema-error.js";

/** What a table consists of, as Drizzle describes it. */
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
 * Compares the tables and triggers with the parts that the database holds: `table x`, `column x.y type`, `index z`,
 * `unique index z`, `trigger t`.
 *
 * @throws {SchemaError} naming every part that is missing.
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
    `The database lacks ${missing.join(", ")}. With migrate: false, the app's own migrations make the tables: ` +
      "add to them what createSchema and formatTriggers of this version return.",
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
