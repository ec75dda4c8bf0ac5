import type { Directory } from "../directory/directory.js";
import type { FaultRegistry } from "../faults/fault-registry.js";
import type { KeyRing } from "../keys/key-ring.js";
import type { AuthorizationRequest } from "../protocol/authorization-request.js";
import type { AutoSignIn } from "./auto-sign-in.js";
import type { BoundedMap } from "./bounded-map.js";
import type { Clock } from "./clock.js";
import type { Consents } from "./consents.js";
import type { AccessRecord, CodeRecord, RefreshRecord } from "./grant.js";
import type { Journal } from "./journal.js";
import type { SsoSessions } from "./sso-session.js";

/** An authorization request for which the account picker or the consent page is open. */
export interface PendingSignIn {
  readonly request: AuthorizationRequest;
  /** The picked person, while the consent page is open. */
  readonly upn: string | undefined;
}

/** The state that the endpoints share. */
export interface EmulatorState {
  /** Such as `http://localhost:5180`. */
  readonly origin: string;
  /** The same server under another loopback name, for UserInfo and for External ID issuers. */
  readonly otherOrigin: string;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly keys: KeyRing;
  readonly consents: Consents;
  readonly sessions: SsoSessions;
  readonly pending: BoundedMap<PendingSignIn>;
  readonly codes: BoundedMap<CodeRecord>;
  readonly refreshTokens: BoundedMap<RefreshRecord>;
  readonly accessTokens: BoundedMap<AccessRecord>;
  /** When a person's refresh tokens were revoked, by UPN. */
  readonly revocations: Map<string, Date>;
  readonly faults: FaultRegistry;
  readonly journal: Journal;
  readonly autoSignIn: AutoSignIn;
}
