import type {
  ConfidentialClientApplication,
  Configuration,
  LogLevel,
} from "@azure/msal-node";
import type {
  IdentityProvider,
  ProviderMetadata,
} from "../core/provider/identity-provider.js";
import type { SendToProvider } from "../core/provider/provider-request.js";
import type { MsalCredential } from "./client-credential.js";
import { createNetworkClient } from "./network-client.js";
import type { NetworkClient } from "./network-client.js";

/** What every application of one client has in common. */
export interface ApplicationParts {
  readonly clientId: string;
  readonly credential: MsalCredential;
  readonly identityProvider: IdentityProvider;
}

/** An application for one request, and its network client. */
export interface MsalRequest {
  readonly application: ConfidentialClientApplication;
  readonly networkClient: NetworkClient;
}

/** Creates MSAL's applications. */
export interface Applications {
  /**
   * Creates the application of one request. It is used only once, because an application keeps the tokens of all its
   * users in one cache. The signal ends the wait for the metadata, and the requests.
   */
  create(send: SendToProvider, signal: AbortSignal): Promise<MsalRequest>;

  /** Returns the application for authorization URLs. It is shared, so it must not acquire tokens. */
  findForUrls(): Promise<ConfidentialClientApplication>;
}

type ApplicationClass = typeof ConfidentialClientApplication;

/** What is made once for each discovery document. */
interface Prepared {
  readonly metadata: ProviderMetadata;
  readonly auth: Configuration["auth"];
  readonly forUrls: ConfidentialClientApplication;
}

// `LogLevel.Error`. MSAL is loaded lazily, so the enumeration is not available here.
const errorLogLevel: LogLevel = 0;

export function createApplications(parts: ApplicationParts): Applications {
  const { identityProvider } = parts;
  let loading: Promise<ApplicationClass> | undefined;
  let prepared: Prepared | undefined;

  // Loaded for the first sign-in, not at start: MSAL takes longer to load than all other modules together.
  const load = () =>
    (loading ??= import("@azure/msal-node").then(
      (msal) => msal.ConfidentialClientApplication,
    ));

  function prepare(
    Application: ApplicationClass,
    metadata: ProviderMetadata,
  ): Prepared {
    if (prepared?.metadata === metadata) return prepared;
    const auth = createAuthOptions(parts, metadata);
    const { signal } = new AbortController();
    const networkClient = createNetworkClient(refuseRequest, signal);
    const forUrls = new Application(configure(auth, networkClient));
    return (prepared = { metadata, auth, forUrls });
  }

  return {
    create: async (send, signal) => {
      const metadata = await identityProvider.readMetadata(signal);
      const Application = await load();
      const { auth } = prepare(Application, metadata);
      const networkClient = createNetworkClient(send, signal);
      const application = new Application(configure(auth, networkClient));
      return { application, networkClient };
    },
    findForUrls: async () => {
      const metadata = await identityProvider.readMetadata();
      return prepare(await load(), metadata).forUrls;
    },
  };
}

/** Refuses every request, for an application that needs none. */
export function refuseRequest(): Promise<never> {
  return Promise.reject(
    new TypeError("No request to the identity provider is expected here."),
  );
}

function createAuthOptions(
  { clientId, credential, identityProvider }: ApplicationParts,
  { document }: ProviderMetadata,
): Configuration["auth"] {
  const { host } = new URL(identityProvider.authority);
  return {
    ...credential,
    clientId,
    // Always https, because MSAL refuses plain http. MSAL takes the endpoints from the validated metadata.
    authority: `https://${host}/${identityProvider.tenant}`,
    knownAuthorities: [host],
    authorityMetadata: JSON.stringify(document),
  };
}

function configure(
  auth: Configuration["auth"],
  networkClient: NetworkClient,
): Configuration {
  return {
    auth,
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
