import type { Stores } from "@entrada/auth";

/** The open database and what is built on it. */
export interface OpenDatabase {
  readonly stores: Stores;
  /**
   * Applies missing migrations; does nothing where opening has done so.
   *
   * @throws {AuthError} `store_unavailable` if the database does not answer. It may later.
   */
  migrate(): Promise<void>;
  /** @throws {AuthError} `store_unavailable` if the database cannot be read now. */
  check(): Promise<void>;
  /** Resolves when what was written is put away far enough for more to be written in bulk. */
  settle(): Promise<void>;
  close(): Promise<void>;
}
