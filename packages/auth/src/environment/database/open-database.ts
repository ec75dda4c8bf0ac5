import type { Stores } from "../../core/stores/stores.js";

/** An open database and its stores. */
export interface OpenDatabase {
  readonly stores: Stores;
  /** @throws {AuthError} `store_unavailable` if the database cannot be read now. */
  check(): Promise<void>;
  /** Resolves when enough writes are checkpointed for the next bulk write. */
  settle(): Promise<void>;
  close(): Promise<void>;
}
