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
  /** A claims request as JSON text, as an API's challenge or a token error hands it out. */
  readonly claims?: string | undefined;
  /** How long ago the person may have authenticated at most (OpenID Connect Core §3.1.2.1). */
  readonly maxAgeSeconds?: number | undefined;
}

/** How the identity provider interacts with the person (OpenID Connect Core §3.1.2.1). */
export type Prompt = "none" | "login" | "consent" | "select_account" | "create";

/** What MSAL needs to exchange an authorization code. */
export interface CodeExchange {
  readonly code: string;
  readonly state: State;
  readonly nonce: Nonce;
  readonly codeVerifier: CodeVerifier;
  readonly scopes: readonly string[];
  /** Ends the request to the identity provider. */
  readonly signal: AbortSignal;
}

/** What the identity provider answered to an exchanged code or a refresh. Nothing in it has been validated. */
export interface TokenAnswer {
  readonly idToken: string | undefined;
  readonly accessToken: AccessToken;
  readonly fromCache: boolean;
  readonly partitionKey: PartitionKey;
  /** MSAL's serialized token cache of this one account. */
  readonly tokenCache: string;
}

/** What MSAL needs to acquire an access token without the person. */
export interface SilentTokenRequest {
  readonly partitionKey: PartitionKey;
  readonly tenantId: string;
  readonly tokenCache: string;
  readonly scopes: readonly string[];
  readonly claims?: string | undefined;
  readonly forceRefresh?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** The client of the identity provider: MSAL, behind a door. */
export interface IdentityClient {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly identityProvider: IdentityProvider;
  createAuthorizationUrl(request: AuthorizationRequest): Promise<string>;

  /**
   * @throws {AuthError} `code_rejected` if the code or verifier is refused, `client_rejected` if our credential is,
   *   `consent_required`, `interaction_required` or `authorization_denied` if consent or proof is missing or a policy
   *   refuses, `identity_provider_unavailable` if nobody answers.
   */
  exchangeCode(exchange: CodeExchange): Promise<TokenAnswer>;

  /** Returns the account's ID token as the token cache keeps it, expired or not. Asks for no token. */
  readIdToken(
    request: Pick<
      SilentTokenRequest,
      "partitionKey" | "tenantId" | "tokenCache"
    >,
  ): Promise<string | undefined>;

  /** Returns the access token that the token cache holds, if it is fresh and nothing else was asked for. Asks nobody. */
  findToken(request: SilentTokenRequest): Promise<TokenAnswer | undefined>;

  /**
   * @throws {AuthError} `interaction_required` if the account must sign in again, `consent_required` or
   *   `authorization_denied` if consent is missing or a policy refuses.
   */
  acquireToken(request: SilentTokenRequest): Promise<TokenAnswer>;
}
