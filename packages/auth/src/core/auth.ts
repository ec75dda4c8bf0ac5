import type { Administration } from "./administration/administration.js";
import type { Housekeeping } from "./administration/delete-expired.js";
import type { SharedSettings } from "./auth-settings.js";
import type { CurrentSession } from "./session/current-session.js";
import type { OwnSessions } from "./session/own-sessions.js";
import type { ProviderSignOut } from "./session/provider-sign-out.js";
import type { SignOut } from "./session/sign-out.js";
import type { FlowCompletion } from "./sign-in/complete-flow.js";
import type { FlowStart } from "./sign-in/flow.js";
import type { AccessTokens } from "./session/access-tokens.js";
import type { Stores } from "./stores/stores.js";

/** The sign-in layer of one application. Made once, at start. */
export interface Auth
  extends
    SharedSettings,
    FlowStart,
    FlowCompletion,
    CurrentSession,
    OwnSessions,
    SignOut,
    ProviderSignOut,
    AccessTokens,
    Housekeeping {
  readonly administration: Administration;
}

/** What adapters need of an `Auth` besides its type. */
export interface AuthParts {
  readonly stores: Stores;
  readonly rateLimit: { readonly perMinute: number } | undefined;
  readonly trustedProxies: readonly string[];
  /** Called for each request that is refused because its address is over the limit. */
  readonly onLimited?:
    ((action: string, clientAddress: string) => void) | undefined;
  /** Called once, for the first request that brings `X-Forwarded-For` from a peer that is not a trusted proxy. */
  readonly onUntrustedProxy?: ((peerAddress: string) => void) | undefined;
}

/** Registered, so that another copy of this package in the same process finds the parts as well. */
export const authPartsKey = Symbol.for("@entrada/auth/parts");

/** Returns the object with these parts. */
export function withParts<Carrier extends object>(
  carrier: Carrier,
  parts: AuthParts,
): Carrier {
  return Object.assign(carrier, { [authPartsKey]: parts });
}

/** Returns the parts; `undefined` if `createAuth` did not make the object. */
export function readParts(auth: Auth): AuthParts | undefined {
  return Reflect.get(auth, authPartsKey);
}
