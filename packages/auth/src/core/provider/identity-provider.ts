import type { CryptoKey, FlattenedJWSInput, JWSHeaderParameters } from "jose";

/** The parts of a discovery document that we use (OpenID Connect Discovery 1.0 §3). */
export interface ProviderMetadata {
  /** The issuer, or Entra's template of one with a literal `{tenantid}`. */
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  readonly endSessionEndpoint: string | undefined;
  /** Whether every authorization response must carry `iss` (RFC 9207 §3). */
  readonly requiresIssParameter: boolean;
  /** The complete document, for MSAL. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** A signing key, and the issuer it may sign for if the identity provider states one. */
export interface SigningKey {
  readonly key: CryptoKey;
  readonly issuer: string | undefined;
}

/** The identity provider, with its published metadata and keys. */
export interface IdentityProvider {
  /** The base URL of the identity provider without a tenant. */
  readonly authority: string;
  /** The tenant in the authority's path: an ID, a domain, `organizations`, `common` or `consumers`. */
  readonly tenant: string;

  /**
   * Returns the discovery document, cached while it is fresh. The signal ends only this caller's wait.
   *
   * @throws {AuthError} `tenant_not_found` if the identity provider has no such tenant; `identity_provider_unavailable`
   *   if the document cannot be read and none is cached.
   */
  readMetadata(signal?: AbortSignal): Promise<ProviderMetadata>;

  /**
   * Returns the signing key of the token. For an unknown `kid` the keys are read again, at most once in 30 seconds. The
   * signal ends only this caller's wait.
   *
   * @throws {AuthError} `id_token_invalid` if there is no such key; `identity_provider_unavailable` if the keys cannot
   *   be read.
   */
  findSigningKey(
    header: JWSHeaderParameters,
    token: FlattenedJWSInput,
    signal?: AbortSignal,
  ): Promise<SigningKey>;
}
