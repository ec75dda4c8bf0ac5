import type { Stores } from "../core/stores/stores.js";

/** States a rule and checks it against empty stores. */
export type StoreRule = (
  rule: string,
  check: (stores: Stores) => Promise<void>,
) => void;
