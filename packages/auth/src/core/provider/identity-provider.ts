import type { CryptoKey, FlattenedJWSInput, JWSHeaderParameters } from "jose";

/** What we use of an OpenID provider's discovery document (OpenID Connect Discovery 1.0 §3). */
export interface ProviderMetadata {
  /** The issuer, or Entra's template of one with a literal `{tenantid}`. */
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  readonly endSessionEndpoint: string | undefined;
  /** Whether every authorization response must carry `iss` (RFC 9207 §3). */
  readonly requiresIssParameter: boolean;
  /** The document itself, for MSAL. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** A signing key and the issuer it may sign for, where the identity provider names one. */
export interface SigningKey {
  readonly key: CryptoKey;
  readonly issuer: string | undefined;
}

/** What the identity provider publishes about itself. */
export interface IdentityProvider {
  /** Its base URL without a tenant: the cloud instance. */
  readonly authority: string;
  /** The tenant in the authority's path: an ID, a domain, `organizations`, `common` or `consumers`. */
  readonly tenant: string;

  /**
   * Returns the discovery document, from memory while it is fresh. The signal ends this caller's wait alone.
   *
   * @throws {AuthError} `tenant_not_found` if the identity provider has no such tenant; `identity_provider_unavailable` if
   *   none was ever read and none can be read now.
   */
  readMetadata(signal?: AbortSignal): Promise<ProviderMetadata>;

  /**
   * Returns the key that the token's header names. An unknown `kid` reads the keys again, at most once in 30 seconds.
   * The signal ends this caller's wait alone.
   *
   * @throws {AuthError} `id_token_invalid` if there is no such key, `identity_provider_unavailable` if nobody answers.
   */
  findSigningKey(
    header: JWSHeaderParameters,
    token: FlattenedJWSInput,
    signal?: AbortSignal,
  ): Promise<SigningKey>;
}
