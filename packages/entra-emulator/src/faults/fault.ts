import type { EndpointName } from "../state/journal.js";

/** A JSON value. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json };

/** A JSON object. */
export type JsonObject = { readonly [name: string]: Json };

/** The responses that contain an ID token. */
export const tokenOccasions = [
  "authorize",
  "authorization_code",
  "refresh_token",
] as const;
/** A response that contains an ID token. */
export type TokenOccasion = (typeof tokenOccasions)[number];

/** The wrong signatures of ID tokens. */
export const signatureVariants = [
  "none",
  "hs256_client_secret",
  "es256_other_key",
  "rs256_unpublished_key",
  "rs256_unpublished_key_same_kid",
  "consumer_key",
  "altered_payload",
  "corrupt_signature",
] as const;
/** A wrong signature of an ID token. */
export type SignatureVariant = (typeof signatureVariants)[number];

/** The changes of the published keys. */
export const keySetVariants = [
  "single_key",
  "single_key_without_kid",
  "all_without_kid",
  "foreign_issuer",
  "without_issuer",
  "extra_keys",
  "next_key_only",
  "empty",
] as const;
/** A change of the published keys. */
export type KeySetVariant = (typeof keySetVariants)[number];

/** When a fault applies. */
interface FaultScope {
  /** How many responses it changes; by default all, until it is cleared. */
  readonly times?: number | undefined;
  /** Only responses to this app. */
  readonly clientId?: string | undefined;
}

/** Members to set and to remove; `null` sets a member to null. */
export interface Patch {
  readonly set?: JsonObject | undefined;
  readonly remove?: readonly string[] | undefined;
}

/** Changes claims of ID tokens. The `transform` function runs last and exists in the code API only. */
interface IdTokenClaimsFault extends FaultScope, Patch {
  readonly type: "id_token_claims";
  readonly on?: readonly TokenOccasion[] | undefined;
  readonly transform?: ((claims: JsonObject) => JsonObject) | undefined;
}

/** Changes the protected header of ID tokens: `kid`, `jku`, `jwk`, `typ`, ... */
interface IdTokenHeaderFault extends FaultScope, Patch {
  readonly type: "id_token_header";
  readonly on?: readonly TokenOccasion[] | undefined;
}

/** Signs ID tokens wrongly. */
interface IdTokenSignatureFault extends FaultScope {
  readonly type: "id_token_signature";
  readonly variant: SignatureVariant;
  readonly on?: readonly TokenOccasion[] | undefined;
}

/** Adds an `at_hash` (or `c_hash`) of another token. */
interface WrongHashFault extends FaultScope {
  readonly type: "id_token_wrong_hash";
  readonly claim: "at_hash" | "c_hash";
}

/** Makes a new key immediately before an ID token is signed. */
interface RotateFault extends FaultScope {
  readonly type: "rotate_before_signing";
  readonly retirePrevious?: boolean | undefined;
}

/** Publishes other keys. */
interface KeySetFault extends FaultScope {
  readonly type: "key_set";
  readonly variant: KeySetVariant;
}

/** Changes the discovery document. */
interface DiscoveryFault extends FaultScope, Patch {
  readonly type: "discovery";
}

/** Changes members of a successful token response, or replaces it by `status` and `body`. */
interface TokenResponseFault extends FaultScope, Patch {
  readonly type: "token_response";
  readonly on?: readonly TokenOccasion[] | undefined;
  readonly status?: number | undefined;
  /** Replaces the body; a string is sent unchanged as text/html. */
  readonly body?: Json | undefined;
}

/** Returns an AADSTS error at the token endpoint. */
interface TokenErrorFault extends FaultScope {
  readonly type: "token_error";
  readonly code: number;
  readonly on?: readonly TokenOccasion[] | undefined;
  readonly error?: string | undefined;
  readonly suberror?: string | undefined;
  /** Claims challenge as a JSON string. */
  readonly claims?: string | undefined;
}

/** Changes parameters of the authorization response; an array repeats the parameter. */
interface AuthorizationResponseFault extends FaultScope {
  readonly type: "authorization_response";
  readonly set?:
    Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly remove?: readonly string[] | undefined;
}

/** Redirects every authorization request of a valid client with an error. */
interface AuthorizationErrorFault extends FaultScope {
  readonly type: "authorization_error";
  readonly code: number;
  readonly error?: string | undefined;
}

/** Changes the response of UserInfo. */
interface UserInfoFault extends FaultScope, Patch {
  readonly type: "userinfo";
}

/** Delays responses of an endpoint, and waits for the promise of `until`, which exists in the code API only. */
interface DelayFault extends FaultScope {
  readonly type: "delay";
  readonly endpoint: EndpointName;
  readonly delayMilliseconds: number;
  readonly until?: (() => Promise<void>) | undefined;
}

/**
 * Makes an endpoint unavailable: `destroy` closes the connection, `status` (default 503) is the status of the response.
 */
interface DownFault extends FaultScope {
  readonly type: "down";
  readonly endpoint: EndpointName;
  readonly how?: "destroy" | "status" | undefined;
  readonly status?: number | undefined;
}

/** A fault that the emulator injects. */
export type Fault =
  | IdTokenClaimsFault
  | IdTokenHeaderFault
  | IdTokenSignatureFault
  | WrongHashFault
  | RotateFault
  | KeySetFault
  | DiscoveryFault
  | TokenResponseFault
  | TokenErrorFault
  | AuthorizationResponseFault
  | AuthorizationErrorFault
  | UserInfoFault
  | DelayFault
  | DownFault;

/** The `type` of every fault. */
export const faultTypes = [
  "id_token_claims",
  "id_token_header",
  "id_token_signature",
  "id_token_wrong_hash",
  "rotate_before_signing",
  "key_set",
  "discovery",
  "token_response",
  "token_error",
  "authorization_response",
  "authorization_error",
  "userinfo",
  "delay",
  "down",
] as const satisfies readonly Fault["type"][];

/** The type of a fault. */
export type FaultType = Fault["type"];

/** Returns a copy of the object with the patch applied. */
export function applyPatch(object: JsonObject, patch: Patch): JsonObject {
  const removed = new Set(patch.remove);
  return Object.fromEntries(
    Object.entries({ ...object, ...patch.set }).filter(
      ([name]) => !removed.has(name),
    ),
  );
}
