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

/** Behaviours of Entra ID that differ between clouds and years. */
export interface EmulatorSwitches {
  /** Advertises `mtls_endpoint_aliases` and certificate-bound access tokens, as documents of 2026 do; default false. */
  readonly mtlsAliases?: boolean | undefined;
  /** Caps the ID token's `exp` by `auth_time` + `max_age`; default true. */
  readonly capExpiryByMaxAge?: boolean | undefined;
  /** Separates the parts of JSON error descriptions by CRLF, as until about 2022; default false. */
  readonly multilineErrors?: boolean | undefined;
}

/** An authorization request that waits for a person to pick an account or to consent. */
export interface PendingSignIn {
  readonly request: AuthorizationRequest;
  /** Who was picked; set while the consent page shows. */
  readonly upn: string | undefined;
}

/** Everything the endpoints share. */
export interface EmulatorState {
  /** As in `http://localhost:5180`. */
  readonly origin: string;
  /** The same server under another loopback name: host of UserInfo and of External ID issuers. */
  readonly otherOrigin: string;
  readonly switches: EmulatorSwitches;
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
