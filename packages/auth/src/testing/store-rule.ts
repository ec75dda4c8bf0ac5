import type { Stores } from "../core/stores/stores.js";

/** Defines a test of a rule, which runs on empty stores. */
export type StoreRule = (
  rule: string,
  check: (stores: Stores) => Promise<void>,
) => void;
