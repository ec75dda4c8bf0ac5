import {
  acquireAccessToken,
  createSingleFlight,
} from "./token/access-token.js";
import { createAdministration } from "./administration/administration.js";
import { parseSettings } from "./auth-settings.js";
import type { AuthSettings } from "./auth-settings.js";
import type { Auth } from "./auth.js";
import { toFailure } from "./error.js";
import type { AuthEventListener } from "./event.js";
import { initiateFlow } from "./sign-in/flow.js";
import { requireFreshSignIn } from "./session/recent-sign-in.js";
import { createName } from "./digest.js";
import {
  deleteExpired,
  releaseHousekeeping,
} from "./administration/delete-expired.js";
import type { Housekeeping } from "./administration/delete-expired.js";
import { shieldListener } from "./listener.js";
import type { AuthOptions } from "./options.js";
import {
  endAllSessions,
  listSessions,
  revokeSession,
} from "./session/own-sessions.js";
import type { Ports } from "./ports.js";
import { createSealer } from "./sealer.js";
import { readSession } from "./session/session.js";
import { completeFlow } from "./sign-in/complete-flow.js";
import type { SignInSettings } from "./sign-in/complete-flow.js";
import {
  createLogoutUrl,
  endByLogoutToken,
  endProviderSession,
  endSession,
  prepareIdToken,
} from "./session/sign-out.js";

const defaultDeletions = 25;

/** What every part of the sign-in layer works with. */
interface Parts {
  readonly ports: Ports;
  readonly settings: AuthSettings;
  readonly options: AuthOptions;
  readonly report: AuthEventListener;
}

/**
 * Makes the sign-in layer of one application out of its parts.
 *
 * @throws {TypeError} if an option contradicts another or is unsafe, naming it, or if the stores belong to another client.
 */
export function createAuth(options: AuthOptions): Auth {
  const settings = parseSettings(options);
  options.stores.bindClient(options.identityClient.clientId);
  const ports: Ports = {
    ...options.stores,
    identityClient: options.identityClient,
    sealer: createSealer(options.secrets),
    now: options.now ?? (() => new Date()),
  };
  const report = shieldListener(options.onEvent);
  const parts: Parts = { ports, settings, options, report };
  const { origin, appUrl, flowTimeoutSeconds, sessionTimeouts } = settings;

  return {
    origin,
    appUrl,
    redirectUri: options.identityClient.redirectUri,
    sameSite: options.sameSite ?? "strict",
    hstsIncludeSubDomains: options.hstsIncludeSubDomains ?? true,
    clearsStorage: options.signOut?.clearsStorage ?? false,
    authority: options.identityClient.identityProvider.authority,
    flowTimeoutSeconds,
    sessionTimeouts,
    ...createFlowMethods(parts),
    ...createSessionMethods(parts),
    ...createSignOutMethods(parts),
    acquireAccessToken: createTokenMethod(parts),
    administration: createAdministration(
      ports,
      report,
      settings.operatorTenantId,
    ),
    ...createHousekeepingMethods(parts),
  };
}

function createFlowMethods({
  ports,
  settings,
  options,
  report,
}: Parts): Pick<Auth, "initiateFlow" | "completeFlow"> {
  const signInSettings: SignInSettings = {
    tenantRule: settings.tenantRule,
    timeouts: settings.sessionTimeouts,
    onSignIn: options.onSignIn,
    onSignedIn: options.onSignedIn,
    keepsIdToken: options.signOut?.sendsIdTokenHint ?? false,
  };
  return {
    initiateFlow: async (request = {}) => {
      const flow = await initiateFlow(ports, settings, request);
      report({ type: "flow.initiated", flowId: flow.flowId });
      return flow;
    },
    completeFlow: (callback) =>
      completeFlow(ports, report, signInSettings, callback),
  };
}

function createSessionMethods({
  ports,
  settings,
  report,
}: Parts): Pick<
  Auth,
  "readSession" | "listSessions" | "revokeSession" | "requireFreshSignIn"
> {
  return {
    readSession: (cookie) =>
      readSession(ports, settings.sessionTimeouts, cookie),
    listSessions: (signedIn) => listSessions(ports, signedIn),
    revokeSession: (signedIn, sessionId) =>
      revokeSession(ports, report, signedIn, sessionId),
    requireFreshSignIn: ({ session }, maxAgeSeconds) =>
      requireFreshSignIn(session, maxAgeSeconds, ports.now()),
  };
}

function createSignOutMethods({
  ports,
  settings: { signedOutPage },
  options: { signOut = {} },
  report,
}: Parts): Pick<
  Auth,
  "endSession" | "endAllSessions" | "endProviderSession" | "endByLogoutToken"
> {
  return {
    endSession: async (cookie) => {
      const signedOut = await endSession(ports, report, signOut, cookie);
      return signedOut === undefined
        ? signedOutPage
        : createLogoutUrl(ports, signedOut, signedOutPage);
    },
    endAllSessions: async (signedIn) => {
      const readIdToken = await prepareIdToken(ports, signOut, signedIn);
      await endAllSessions(ports, report, signedIn);
      const signedOut = { signedIn, idToken: await readIdToken() };
      return createLogoutUrl(ports, signedOut, signedOutPage);
    },
    endProviderSession: (providerSessionId, issuer) =>
      endProviderSession(ports, report, providerSessionId, issuer),
    endByLogoutToken: (logoutToken) =>
      endByLogoutToken(ports, report, logoutToken),
  };
}

function createHousekeepingMethods({
  ports,
  settings: { auditRetentionDays },
  report,
}: Parts): Pick<Auth, "deleteExpired" | "releaseHousekeeping"> {
  const housekeeping: Housekeeping = {
    holder: createName(),
    auditRetentionDays,
  };
  return {
    deleteExpired: (limit = defaultDeletions) =>
      deleteExpired(ports, report, housekeeping, limit),
    releaseHousekeeping: () => releaseHousekeeping(ports, housekeeping),
  };
}

function createTokenMethod({
  ports,
  settings,
  report,
}: Parts): Auth["acquireAccessToken"] {
  const shareFlight = createSingleFlight();
  return async (signedIn, request) => {
    const { session, user } = signedIn;
    const flight = JSON.stringify([session.partitionKey, user.id, request]);
    try {
      const acquired = await shareFlight(flight, () =>
        acquireAccessToken(ports, settings.tenantRule, signedIn, request),
      );
      const { fromCache } = acquired;
      report({ type: "token.acquired", sessionId: session.id, fromCache });
      return acquired.accessToken;
    } catch (error) {
      const failure = toFailure(error);
      report({
        type: "token.refused",
        sessionId: session.id,
        userId: user.id,
        code: failure.code,
        aadsts: failure.provider?.aadsts,
      });
      throw failure;
    }
  };
}
