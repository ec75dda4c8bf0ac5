import { createHash } from "node:crypto";
import type {
  AuthenticationResult,
  ConfidentialClientApplication,
  Configuration,
  LogLevel,
} from "@azure/msal-node";
import { createIdentityProvider } from "../core/provider/create-identity-provider.js";
import type { IdentityProviderOptions } from "../core/provider/create-identity-provider.js";
import { AuthError } from "../core/error.js";
import { withoutAbsent } from "../core/fields.js";
import type { AccessToken, PartitionKey } from "../core/identifiers.js";
import type {
  IdentityProvider,
  ProviderMetadata,
} from "../core/provider/identity-provider.js";
import type {
  IdentityClient,
  SilentTokenRequest,
  TokenAnswer,
} from "../core/provider/identity-client.js";
import { providerFetch } from "../core/provider/provider-fetch.js";
import type { ProviderOperation } from "../core/provider/provider-failure.js";
import { createMsalCredential } from "./client-credential.js";
import type { ClientCredential, MsalCredential } from "./client-credential.js";
import { toAuthError } from "./msal-error.js";
import { createNetworkClient } from "./network-client.js";
import type { NetworkClient } from "./network-client.js";
import { createOnlineFetch, withoutOfflineAccess } from "./offline-access.js";

/** Our application's registration at the identity provider, and its credential. */
export interface MsalClientOptions
  extends IdentityProviderOptions, ClientCredential {
  readonly redirectUri: string;
}

interface MsalRequest {
  readonly application: ConfidentialClientApplication;
  readonly networkClient: NetworkClient;
}

interface MsalContext {
  readonly options: MsalClientOptions;
  readonly credential: MsalCredential;
  readonly identityProvider: IdentityProvider;
}

const urlTimeoutMilliseconds = 5000;
// `LogLevel.Error`. MSAL is loaded lazily, so the enumeration is not available here.
const errorLogLevel: LogLevel = 0;

/**
 * Creates the identity client on MSAL Node. Every request gets its own `ConfidentialClientApplication`: a shared one
 * keeps the tokens of all its users in one cache.
 *
 * @throws {TypeError} if there is not exactly one credential, or if the authority is unsafe.
 */
export function createMsalClient(options: MsalClientOptions): IdentityClient {
  const context: MsalContext = {
    options,
    credential: createMsalCredential(
      options,
      options.now ?? (() => new Date()),
    ),
    identityProvider: createIdentityProvider(options),
  };
  const { clientId, redirectUri } = options;

  return {
    clientId,
    redirectUri,
    identityProvider: context.identityProvider,
    createAuthorizationUrl: async ({
      codeVerifier,
      scopes,
      maxAgeSeconds,
      ...request
    }) => {
      const { application } = await createRequest(
        context,
        AbortSignal.timeout(urlTimeoutMilliseconds),
      );
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
      const request = await createRequest(
        context,
        signal,
        scopes.length === 0 ? createOnlineFetch : undefined,
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
      const { application } = await createRequest(
        context,
        AbortSignal.timeout(urlTimeoutMilliseconds),
      );
      const cache = application.getTokenCache();
      cache.deserialize(tokenCache);
      const account = await cache.getAccountByHomeId(partitionKey);
      if (account === null) return undefined;
      return account.tenantId === tenantId ? account.idToken : undefined;
    },
    findToken: async (request) => {
      const msal = await createRequest(
        context,
        request.signal,
        () => rejectRequest,
      );
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
      const msal = await createRequest(context, request.signal);
      return run(msal, "acquire_token", (application) =>
        acquireSilently(application, request),
      );
    },
  };
}

function rejectRequest(): Promise<never> {
  return Promise.reject(new TypeError("The token cache has no fresh token."));
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

async function createRequest(
  context: MsalContext,
  signal: AbortSignal,
  adapt = (send: typeof fetch): typeof fetch => send,
): Promise<MsalRequest> {
  const metadata = await context.identityProvider.readMetadata(signal);
  // Loaded for the first sign-in, not at start: MSAL takes longer to load than all other modules together.
  const { ConfidentialClientApplication } = await import("@azure/msal-node");
  const networkClient = createNetworkClient(
    adapt(context.options.fetch ?? providerFetch),
    signal,
  );
  const application = new ConfidentialClientApplication(
    createConfiguration(context, metadata, networkClient),
  );
  return { application, networkClient };
}

function createConfiguration(
  { options, credential, identityProvider }: MsalContext,
  metadata: ProviderMetadata,
  networkClient: NetworkClient,
): Configuration {
  const { host } = new URL(identityProvider.authority);
  return {
    auth: {
      ...credential,
      clientId: options.clientId,
      // Always https, because MSAL refuses plain http. MSAL takes the endpoints from the validated metadata.
      authority: `https://${host}/${identityProvider.tenant}`,
      knownAuthorities: [host],
      authorityMetadata: JSON.stringify(metadata.document),
    },
    system: {
      networkClient,
      disableInternalRetries: true,
      loggerOptions: {
        piiLoggingEnabled: false,
        logLevel: errorLogLevel,
        loggerCallback: () => undefined,
      },
    },
  };
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
    tokenCache: application.getTokenCache().serialize(),
  };
}
