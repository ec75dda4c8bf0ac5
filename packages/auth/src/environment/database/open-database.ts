import type { Stores } from "../../core/stores/stores.js";

/** The open database and what is built on it. */
export interface OpenDatabase {
  readonly stores: Stores;
  /** @throws {AuthError} `store_unavailable` if the database cannot be read now. */
  check(): Promise<void>;
  /** Resolves when enough of what was written is checkpointed for more to be written in bulk. */
  settle(): Promise<void>;
  close(): Promise<void>;
}
