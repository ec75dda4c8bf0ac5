import type { OnSignedIn } from "./options.js";
import type { Stores } from "./stores/stores.js";

/** What adapters and `signInAs` need of an `Auth` besides its public properties. */
export interface AuthParts extends PartListeners {
  readonly stores: Stores;
  readonly clientId: string;
  readonly now: () => Date;
  readonly onSignedIn: OnSignedIn | undefined;
  readonly rateLimit: { readonly perMinute: number } | undefined;
  readonly trustedProxies: readonly string[];
}

/** What adapters report. */
export interface PartListeners {
  /** Called for each request that is refused because its address is over the limit. */
  readonly onLimited?:
    ((action: string, clientAddress: string) => void) | undefined;
  /** Called once, for the first request with an `X-Forwarded-For` header from a peer that is not a trusted proxy. */
  readonly onUntrustedProxy?: ((peerAddress: string) => void) | undefined;
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

/** Adds listeners to the parts of an `Auth` that `createAuth` created, and returns the `Auth`. */
export function withListeners<Carrier extends object>(
  auth: Carrier,
  listeners: PartListeners,
): Carrier {
  const parts = readParts(auth);
  return parts === undefined
    ? auth
    : withParts(auth, { ...parts, ...listeners });
}

/** Returns the parts of an `Auth`; `undefined` if `createAuth` did not create it. */
export function readParts(auth: object): AuthParts | undefined {
  return Reflect.get(auth, authPartsKey);
}
