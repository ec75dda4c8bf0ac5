import type { IdentityClient } from "./provider/identity-client.js";
import type { Sealer } from "./sealer.js";
import type { Stores } from "./stores/stores.js";

/** Everything the core needs from the outside. */
export interface Ports extends Stores {
  readonly identityClient: IdentityClient;
  readonly sealer: Sealer;
  readonly now: () => Date;
}
