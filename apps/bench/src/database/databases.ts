/** Two databases of one engine that differ only in their number of rows. */
export interface Databases {
  readonly few: string;
  readonly many: string;
  close(): Promise<void>;
}

/** The engines that Entrada supports. */
export const engines = ["sqlite", "postgres"] as const;
export type Engine = (typeof engines)[number];
