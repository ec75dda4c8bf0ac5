import type { ActiveSession } from "./session/active-session.js";
import type { Bearer } from "./token/bearer-token.js";
import type { OnSignedIn } from "./options.js";
import type { Stores } from "./stores/stores.js";

/** What adapters report about requests, for the log. */
export interface AuthListeners {
  /** Called for each request that is refused because its address is over the limit. */
  readonly onLimited?:
    ((action: string, clientAddress: string) => void) | undefined;
  /** Called once, for the first request with an `X-Forwarded-For` header from a peer that is not a trusted proxy. */
  readonly onUntrustedProxy?: ((peerAddress: string) => void) | undefined;
  /** Called once, for the first sign-in whose client address is unknown and which is therefore not limited. */
  readonly onUnknownAddress?: (() => void) | undefined;
  /** Called for each refused request and each failed call of a tRPC host, except for invalid calls. */
  readonly onRequestFailure?:
    ((error: unknown, path: string | undefined) => void) | undefined;
}

/** What adapters and `signInAs` need of an `Auth` besides its public properties. */
export interface AuthParts extends AuthListeners {
  readonly stores: Stores;
  readonly clientId: string;
  readonly now: () => Date;
  readonly onSignedIn: OnSignedIn | undefined;
  readonly rateLimit: { readonly perMinute: number } | undefined;
  readonly trustedProxies: readonly string[];
  /** Reads the session from the store again, without renewing it; `undefined` if it has ended. */
  readonly refreshSession: (
    active: ActiveSession,
  ) => Promise<ActiveSession | undefined>;
  /** Validates an access token for this API. By default the audience is the client ID or `api://<client ID>`. */
  readonly validateBearerToken: (
    token: string,
    audiences?: readonly string[],
  ) => Promise<Bearer>;
}

/** A registered symbol, so that another copy of this package in the same process also finds the parts. */
export const authPartsKey = Symbol.for("@entrada/auth/parts");

/** Adds the parts to the object and returns it. */
export function withParts<Carrier extends object>(
  carrier: Carrier,
  parts: AuthParts,
): Carrier {
  return Object.assign(carrier, { [authPartsKey]: parts });
}

/** Adds the listeners to the parts of the object and returns it. */
export function withListeners<Carrier extends object>(
  carrier: Carrier,
  listeners: AuthListeners,
): Carrier {
  const parts = { ...readParts(carrier), ...listeners };
  return Object.assign(carrier, { [authPartsKey]: parts });
}

/** Returns the parts of an `Auth`; `undefined` if `createAuth` did not create it. */
export function readParts(auth: object): AuthParts | undefined {
  return Reflect.get(auth, authPartsKey);
}
