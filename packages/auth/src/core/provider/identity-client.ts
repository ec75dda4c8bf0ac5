import type {
  AccessToken,
  CodeVerifier,
  Nonce,
  PartitionKey,
  State,
} from "../identifiers.js";
import type { IdentityProvider } from "./identity-provider.js";

/** What MSAL needs to build an authorization URL. */
export interface AuthorizationRequest {
  readonly state: State;
  readonly nonce: Nonce;
  readonly codeVerifier: CodeVerifier;
  readonly scopes: readonly string[];
  readonly prompt?: Prompt | undefined;
  readonly loginHint?: string | undefined;
  readonly domainHint?: string | undefined;
  /** A claims request as JSON text, such as the claims challenge of an API or of a token error. */
  readonly claims?: string | undefined;
  /** The maximum time since the user authenticated (OpenID Connect Core §3.1.2.1). */
  readonly maxAgeSeconds?: number | undefined;
}

/** How the identity provider interacts with the user (OpenID Connect Core §3.1.2.1). */
export type Prompt = "none" | "login" | "consent" | "select_account" | "create";

/** What MSAL needs to exchange an authorization code. */
export interface CodeExchange {
  readonly code: string;
  readonly state: State;
  readonly nonce: Nonce;
  readonly codeVerifier: CodeVerifier;
  readonly scopes: readonly string[];
  /** Aborts the request to the identity provider. */
  readonly signal: AbortSignal;
}

/** The identity provider's response to a code exchange or a refresh. It is not yet validated. */
export interface TokenAnswer {
  readonly idToken: string | undefined;
  readonly accessToken: AccessToken;
  readonly fromCache: boolean;
  readonly partitionKey: PartitionKey;
  /** MSAL's serialized token cache of this account. */
  readonly tokenCache: string;
}

/** What MSAL needs to acquire an access token without interaction. */
export interface SilentTokenRequest {
  readonly partitionKey: PartitionKey;
  readonly tenantId: string;
  readonly tokenCache: string;
  readonly scopes: readonly string[];
  readonly claims?: string | undefined;
  readonly forceRefresh?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** The port to MSAL, as the client of the identity provider. */
export interface IdentityClient {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly identityProvider: IdentityProvider;
  createAuthorizationUrl(request: AuthorizationRequest): Promise<string>;

  /**
   * Exchanges the authorization code for tokens.
   *
   * @throws {AuthError} `code_rejected` if the code or verifier is refused; `client_rejected` if our credential is
   *   refused; `consent_required`, `interaction_required` or `authorization_denied` if consent or authentication is
   *   missing or a policy refuses; `identity_provider_unavailable` if the identity provider does not respond.
   */
  exchangeCode(exchange: CodeExchange): Promise<TokenAnswer>;

  /** Returns the account's ID token from the token cache, expired or not. Sends no request. */
  readIdToken(
    request: Pick<
      SilentTokenRequest,
      "partitionKey" | "tenantId" | "tokenCache"
    >,
  ): Promise<string | undefined>;

  /** Returns the access token from the token cache if it is fresh and satisfies the request. Sends no request. */
  findToken(request: SilentTokenRequest): Promise<TokenAnswer | undefined>;

  /**
   * Requests an access token from the identity provider, unless the token cache has a fresh one.
   *
   * @throws {AuthError} `interaction_required` if the account must sign in again; `consent_required` if consent is
   *   missing; `authorization_denied` if a policy refuses.
   */
  acquireToken(request: SilentTokenRequest): Promise<TokenAnswer>;
}
