import { acquireAccessToken, createSingleFlight } from "./access-token.js";
import type { AccessTokenRequest } from "./access-token.js";
import { toFailure } from "./error.js";
import type { AuthEventListener } from "./event.js";
import { initiateFlow } from "./flow.js";
import type { FlowRequest, InitiatedFlow } from "./flow.js";
import type { AccessToken } from "./identifiers.js";
import { validateLogoutToken } from "./logout-token.js";
import type { AuthOptions, SessionTimeouts } from "./options.js";
import type { Ports, SignedIn } from "./ports.js";
import { createSealer } from "./sealer.js";
import { readSession } from "./session.js";
import { completeFlow, readFlowId } from "./sign-in.js";
import type { Callback, CompletedFlow, SignInSettings } from "./sign-in.js";
import { createLogoutUrl, endSession, requireIssuer } from "./sign-out.js";
import { deleteExpired } from "./housekeeping.js";
import type { DeletedRows } from "./housekeeping.js";

/** The sign-in layer of one application. Made once, at start. */
export interface Auth {
  /** The application's public origin. */
  readonly origin: string;
  /** The identity provider's base URL. */
  readonly authority: string;
  /** How long a flow waits for its callback, and its cookie lives. */
  readonly flowTimeoutSeconds: number;
  /** How long a session can last, and its cookie lives. */
  readonly sessionTimeouts: SessionTimeouts;

  /**
   * Initiates an authorization code flow: keeps it, and answers where to send the browser.
   *
   * @throws {AuthError} `identity_provider_unavailable`, `store_unavailable`
   */
  initiateFlow(request?: FlowRequest): Promise<InitiatedFlow>;

  /**
   * Completes the flow that the callback belongs to and starts a session for the user who signed in. A flow is consumed
   * by its first callback, whether that succeeds, fails or brings the identity provider's refusal.
   *
   * @throws {AuthError} `flow_not_found` if no flow waits for this state: it expired or was completed already.
   * @throws {AuthError} `browser_mismatch` if another browser initiated the flow.
   * @throws {AuthError} `authorization_denied`, `consent_required`, `login_required`, `interaction_required` or
   *   `authorization_failed` if the identity provider answered with an error.
   * @throws {AuthError} `issuer_mismatch`, `code_rejected`, `client_rejected` or `id_token_invalid` if what it answered
   *   is not acceptable.
   * @throws {AuthError} `tenant_not_allowed`, `user_disabled` or `sign_in_refused` if this person may not sign in.
   * @throws {AuthError} `identity_provider_unavailable`, `store_unavailable`
   * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2 | RFC 6749 §4.1.2} on the callback
   */
  completeFlow(callback: Callback): Promise<CompletedFlow>;

  /**
   * Answers who is signed in with this session cookie, or `undefined` if nobody is.
   *
   * @throws {AuthError} `store_unavailable` if it could not look.
   */
  readSession(cookie: string | undefined): Promise<SignedIn | undefined>;

  /**
   * Ends the session of this cookie at once and answers where the browser signs out at the identity provider. Without a
   * session, or while the provider cannot be asked, that is the application's start page.
   *
   * @throws {AuthError} `store_unavailable`
   * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html | RP-Initiated Logout 1.0}
   */
  endSession(cookie: string | undefined): Promise<string>;

  /**
   * Ends every session that was signed in within this session of the identity provider (`sid`): front-channel sign-out.
   * Where the caller names the issuer, it has to be the identity provider's.
   *
   * @throws {AuthError} `invalid_request` if the issuer is another; `identity_provider_unavailable`, `store_unavailable`
   */
  endProviderSession(providerSessionId: string, issuer?: string): Promise<void>;

  /**
   * Ends every session that a logout token of the identity provider names: back-channel sign-out.
   *
   * @throws {AuthError} `invalid_request` if the token is not acceptable; `store_unavailable`
   */
  endByLogoutToken(logoutToken: string): Promise<void>;

  /**
   * Acquires an access token for the session's account, from the token cache when it holds a fresh one. Concurrent calls
   * for the same account and scopes share one request to the identity provider.
   *
   * @throws {AuthError} `interaction_required` if the account must sign in or consent again; send the visitor through
   *   {@link Auth.initiateFlow} with the same scopes.
   */
  acquireAccessToken(
    signedIn: SignedIn,
    request: AccessTokenRequest,
  ): Promise<AccessToken>;

  /** Removes expired rows, at most `limit` of each kind. Call it now and then; see {@link DeletedRows}. */
  deleteExpired(limit?: number): Promise<DeletedRows>;
}

const defaults = {
  idleTimeoutSeconds: 3600,
  absoluteTimeoutSeconds: 86400,
  flowTimeoutSeconds: 600,
};
const defaultDeletions = 500;

/**
 * Makes the sign-in layer of one application out of its parts.
 *
 * @throws {TypeError} if an option contradicts another or is unsafe, naming it.
 */
export function createAuth(options: AuthOptions): Auth {
  const origin = parseOrigin(options);
  const sessionTimeouts = parseTimeouts(options);
  const flowTimeoutSeconds =
    options.flow?.timeoutSeconds ?? defaults.flowTimeoutSeconds;
  const ports: Ports = {
    ...options.stores,
    identityClient: options.identityClient,
    sealer: createSealer(options.secrets),
    now: options.now ?? (() => new Date()),
  };
  const { tenant, authority } = options.identityClient.identityProvider;
  const tenantRule = { tenant, allowedTenants: options.allowedTenants };
  const settings: SignInSettings = {
    tenantRule,
    timeouts: sessionTimeouts,
    onSignIn: options.onSignIn,
  };
  const report = createReporter(options.onEvent);
  const shareFlight = createSingleFlight();
  const endProviderSession = async (providerSessionId: string) => {
    const ended =
      await ports.sessionStore.endByProviderSession(providerSessionId);
    for (const { id, userId } of ended) {
      report({
        type: "session.ended",
        sessionId: id,
        userId,
        reason: "provider_signed_out",
      });
    }
    const partitionKeys = new Set(
      ended.map(({ partitionKey }) => partitionKey),
    );
    for (const partitionKey of partitionKeys) {
      if (partitionKey !== undefined)
        await ports.tokenCacheStore.deleteUnused(partitionKey);
    }
  };

  return {
    origin,
    authority,
    flowTimeoutSeconds,
    sessionTimeouts,
    initiateFlow: async (request = {}) => {
      const flow = await initiateFlow(
        ports,
        { origin, flowTimeoutSeconds },
        request,
      );
      report({ type: "flow.initiated", flowId: flow.flowId });
      return flow;
    },
    completeFlow: async (callback) => {
      try {
        const completed = await completeFlow(ports, settings, callback);
        reportCompleted(report, completed);
        return completed;
      } catch (error) {
        const failure = toFailure(error);
        const flowId = readFlowId(callback.parameters);
        report({
          type: "flow.failed",
          flowId,
          code: failure.code,
          aadsts: failure.provider?.aadsts,
        });
        throw failure;
      }
    },
    readSession: (cookie) => readSession(ports, sessionTimeouts, cookie),
    endSession: async (cookie) => {
      const ended = await endSession(ports, cookie);
      if (ended === undefined) return createStartPage(origin);
      report({
        type: "session.ended",
        sessionId: ended.id,
        userId: ended.userId,
        reason: "signed_out",
      });
      return createLogoutUrl(ports, ended, createStartPage(origin));
    },
    endProviderSession: async (providerSessionId, issuer) => {
      if (issuer !== undefined) await requireIssuer(ports, issuer);
      await endProviderSession(providerSessionId);
    },
    endByLogoutToken: async (logoutToken) =>
      endProviderSession(await validateLogoutToken(ports, logoutToken)),
    acquireAccessToken: async (signedIn, request) => {
      const sessionId = signedIn.session.id;
      const flight = JSON.stringify([
        signedIn.session.partitionKey,
        signedIn.user.id,
        request,
      ]);
      try {
        const acquired = await shareFlight(flight, () =>
          acquireAccessToken(ports, tenantRule, signedIn, request),
        );
        report({
          type: "token.acquired",
          sessionId,
          fromCache: acquired.fromCache,
        });
        return acquired.accessToken;
      } catch (error) {
        const failure = toFailure(error);
        report({ type: "token.refused", sessionId, code: failure.code });
        throw failure;
      }
    },
    deleteExpired: (limit = defaultDeletions) => deleteExpired(ports, limit),
  };
}

function parseOrigin({ appUrl, identityClient }: AuthOptions): string {
  const url = URL.canParse(appUrl) ? new URL(appUrl) : undefined;
  if (
    url === undefined ||
    (url.protocol !== "https:" && url.protocol !== "http:")
  ) {
    throw new TypeError("appUrl has to be an http or https URL.");
  }
  if (
    url.pathname !== "/" ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== "" ||
    url.password !== ""
  ) {
    throw new TypeError(
      "appUrl has to be an origin, without path, query or credentials.",
    );
  }
  const { redirectUri } = identityClient;
  if (
    !URL.canParse(redirectUri) ||
    new URL(redirectUri).origin !== url.origin
  ) {
    throw new TypeError(
      "The redirect URI of the identity client has to be on appUrl's origin.",
    );
  }
  return url.origin;
}

function parseTimeouts({ session, flow }: AuthOptions): SessionTimeouts {
  const timeouts = {
    idleTimeoutSeconds:
      session?.idleTimeoutSeconds ?? defaults.idleTimeoutSeconds,
    absoluteTimeoutSeconds:
      session?.absoluteTimeoutSeconds ?? defaults.absoluteTimeoutSeconds,
  };
  const seconds = [
    ...Object.values(timeouts),
    flow?.timeoutSeconds ?? defaults.flowTimeoutSeconds,
  ];
  if (!seconds.every((value) => Number.isFinite(value) && value > 0)) {
    throw new TypeError("Timeouts are positive numbers of seconds.");
  }
  return timeouts;
}

function createStartPage(origin: string): string {
  return new URL("/", origin).href;
}

function createReporter(
  onEvent: AuthEventListener | undefined,
): AuthEventListener {
  return (event) => {
    try {
      onEvent?.(event);
    } catch {
      // A listener that fails is the listener's failure; nobody's sign-in depends on it.
    }
  };
}

function reportCompleted(
  report: AuthEventListener,
  completed: CompletedFlow,
): void {
  const { flowId, session, user, isNewUser, replaced } = completed;
  report({
    type: "flow.completed",
    flowId,
    sessionId: session.id,
    userId: user.id,
    isNewUser,
  });
  if (replaced === undefined) return;
  report({
    type: "session.ended",
    sessionId: replaced.session.id,
    userId: replaced.user.id,
    reason: "replaced",
  });
}
