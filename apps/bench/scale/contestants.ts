/** Two databases of one engine that differ in nothing but how many rows they hold. */
export interface Contestants {
  readonly engine: "SQLite" | "PostgreSQL";
  /** The `DATABASE_URL` of each. */
  readonly empty: string;
  readonly full: string;
  readonly sizes: readonly TableSize[];
  close(): Promise<void>;
}

/** What a table takes on the disk. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  readonly indexBytes: number;
}
