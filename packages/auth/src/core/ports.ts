import type { IdentityClient } from "./provider/identity-client.js";
import type { Sealer } from "./sealer.js";
import type { Stores } from "./stores/stores.js";
import type { NoColumns } from "./stores/user-extension.js";

/** Everything that the core needs from outside. */
export interface Ports<Columns = NoColumns> extends Stores<Columns> {
  readonly identityClient: IdentityClient;
  readonly sealer: Sealer;
  readonly now: () => Date;
}
