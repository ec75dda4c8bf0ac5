import type { Stores } from "../../core/stores/stores.js";
import type { UserExtension } from "../../core/stores/user-extension.js";

/** An open database. */
export interface OpenDatabase {
  /** @throws {TypeError} if the app's own columns of a user are not of this database. */
  createStores(extendUser: UserExtension<unknown> | undefined): Stores;
  /** @throws {AuthError} `store_unavailable` if the database cannot be read now. */
  check(): Promise<void>;
  /** Resolves when enough writes are checkpointed for the next bulk write. */
  settle(): Promise<void>;
  close(): Promise<void>;
}
