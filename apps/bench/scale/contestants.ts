/** Two databases of one engine that differ only in their number of rows. */
export interface Contestants {
  readonly engine: "SQLite" | "PostgreSQL";
  /** The `DATABASE_URL` of the empty database. */
  readonly empty: string;
  readonly full: string;
  readonly sizes: readonly TableSize[];
  close(): Promise<void>;
}

/** The size of a table on disk. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  readonly indexBytes: number;
}
