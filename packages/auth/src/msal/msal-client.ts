import { createHash } from "node:crypto";
import type {
  AuthenticationResult,
  ConfidentialClientApplication,
} from "@azure/msal-node";
import { createIdentityProviderWith } from "../core/provider/create-identity-provider.js";
import type { IdentityProviderOptions } from "../core/provider/create-identity-provider.js";
import { AuthError } from "../core/error.js";
import { withoutAbsent } from "../core/fields.js";
import type { AccessToken, PartitionKey } from "../core/identifiers.js";
import type {
  IdentityClient,
  SilentTokenRequest,
  TokenAnswer,
} from "../core/provider/identity-client.js";
import type { ProviderOperation } from "../core/provider/provider-failure.js";
import { createProviderSender } from "../core/provider/provider-request.js";
import { createApplications, refuseRequest } from "./applications.js";
import type { MsalRequest } from "./applications.js";
import { createMsalCredential } from "./client-credential.js";
import type { ClientCredential } from "./client-credential.js";
import { toAuthError } from "./msal-error.js";
import { createOnlineSender, withoutOfflineAccess } from "./offline-access.js";

/** Our application's registration at the identity provider, and its credential. */
export interface MsalClientOptions
  extends IdentityProviderOptions, ClientCredential {
  readonly redirectUri: string;
}

const readTimeoutMilliseconds = 5000;

/**
 * Creates the identity client on MSAL Node. Whatever acquires tokens gets its own `ConfidentialClientApplication`: a
 * shared one keeps the tokens of all its users in one cache.
 *
 * @throws {TypeError} if there is not exactly one credential, or if the authority is unsafe.
 */
export function createMsalClient(options: MsalClientOptions): IdentityClient {
  const { clientId, redirectUri, now = () => new Date() } = options;
  const credential = createMsalCredential(options, now);
  const send = createProviderSender(options);
  const sendOnline = createOnlineSender(send);
  const identityProvider = createIdentityProviderWith(send, options);
  const applications = createApplications({
    clientId,
    credential,
    identityProvider,
  });

  return {
    clientId,
    redirectUri,
    identityProvider,
    createAuthorizationUrl: async ({
      codeVerifier,
      scopes,
      maxAgeSeconds,
      ...request
    }) => {
      const application = await applications.findForUrls();
      const url = await application.getAuthCodeUrl({
        ...withoutAbsent(request),
        // MSAL ignores its own `maxAge`.
        ...(maxAgeSeconds === undefined
          ? {}
          : { extraQueryParameters: { max_age: String(maxAgeSeconds) } }),
        state: request.state,
        nonce: request.nonce,
        scopes: [...scopes],
        redirectUri,
        responseMode: "query",
        codeChallenge: createHash("sha256")
          .update(codeVerifier)
          .digest("base64url"),
        codeChallengeMethod: "S256",
      });
      return scopes.length === 0 ? withoutOfflineAccess(url) : url;
    },
    exchangeCode: async ({
      code,
      codeVerifier,
      state,
      nonce,
      scopes,
      signal,
    }) => {
      const request = await applications.create(
        scopes.length === 0 ? sendOnline : send,
        signal,
      );
      return run(request, "exchange_code", (application) =>
        application.acquireTokenByCode(
          {
            code,
            codeVerifier,
            state,
            nonce,
            scopes: [...scopes],
            redirectUri,
          },
          { code, state, nonce },
        ),
      );
    },
    readIdToken: async ({ partitionKey, tenantId, tokenCache }) => {
      const { application } = await applications.create(
        refuseRequest,
        AbortSignal.timeout(readTimeoutMilliseconds),
      );
      const cache = application.getTokenCache();
      cache.deserialize(tokenCache);
      const account = await cache.getAccountByHomeId(partitionKey);
      if (account === null) return undefined;
      return account.tenantId === tenantId ? account.idToken : undefined;
    },
    findToken: async (request) => {
      const msal = await applications.create(refuseRequest, request.signal);
      try {
        const result = await acquireSilently(msal.application, request);
        return result?.fromCache === true
          ? toTokenAnswer(result, msal.application)
          : undefined;
      } catch {
        // `acquireToken` reports the failure.
        return undefined;
      }
    },
    acquireToken: async (request) => {
      const msal = await applications.create(send, request.signal);
      return run(msal, "acquire_token", (application) =>
        acquireSilently(application, request),
      );
    },
  };
}

async function acquireSilently(
  application: ConfidentialClientApplication,
  {
    partitionKey,
    tokenCache,
    tenantId,
    scopes,
    claims,
    forceRefresh,
  }: SilentTokenRequest,
): Promise<AuthenticationResult | null> {
  const cache = application.getTokenCache();
  cache.deserialize(tokenCache);
  const account = await cache.getAccountByHomeId(partitionKey);
  if (account === null)
    throw new AuthError(
      "interaction_required",
      "The account must sign in again.",
    );
  return application.acquireTokenSilent({
    ...withoutAbsent({ claims, forceRefresh }),
    account: { ...account, tenantId },
    scopes: [...scopes],
  });
}

async function run(
  { application, networkClient }: MsalRequest,
  operation: ProviderOperation,
  acquire: (
    application: ConfidentialClientApplication,
  ) => Promise<AuthenticationResult | null>,
): Promise<TokenAnswer> {
  try {
    return toTokenAnswer(await acquire(application), application);
  } catch (error) {
    throw toAuthError(error, networkClient.findings(), operation);
  }
}

function toTokenAnswer(
  result: AuthenticationResult | null,
  application: ConfidentialClientApplication,
): TokenAnswer {
  if (result === null || result.account === null) {
    throw new AuthError(
      "id_token_invalid",
      "The identity provider's response contains no account.",
    );
  }
  return {
    idToken: result.idToken === "" ? undefined : result.idToken,
    accessToken: result.accessToken as AccessToken,
    fromCache: result.fromCache,
    partitionKey: result.account.homeAccountId as PartitionKey,
    // Only when it is read: a sign-in without scopes stores no tokens.
    get tokenCache() {
      return application.getTokenCache().serialize();
    },
  };
}
