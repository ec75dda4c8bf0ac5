import type { IdentityClient } from "./provider/identity-client.js";
import type { Sealer } from "./sealer.js";
import type { Stores } from "./stores/stores.js";

/** Everything that the core needs from outside. */
export interface Ports extends Stores {
  readonly identityClient: IdentityClient;
  readonly sealer: Sealer;
  readonly now: () => Date;
}
