import { createDigest, createSecret } from "../digest.js";
import type { Core } from "../core.js";
import { AuthError } from "../error.js";
import type {
  BrowserToken,
  CodeVerifier,
  Digest,
  FlowId,
  Nonce,
  State,
} from "../identifiers.js";
import type { Flow } from "../stores/flow-store.js";
import type { Prompt } from "../provider/identity-client.js";
import type { ActiveSession } from "../session/active-session.js";
import { parseReturnUrl } from "./return-url.js";
import { addSeconds } from "../time.js";

/** How the visitor wants to sign in. */
export interface FlowRequest {
  /** The page to come back to; anything outside our own origin becomes the start page. */
  readonly returnUrl?: string | undefined;
  /** Permissions for an access token besides signing in. Empty for plain OpenID Connect. */
  readonly scopes?: readonly string[] | undefined;
  readonly prompt?: Prompt | undefined;
  readonly loginHint?: string | undefined;
  readonly domainHint?: string | undefined;
  readonly claims?: string | undefined;
  /**
   * How long ago the user may have authenticated at most; if it was longer ago, the identity provider asks again. Entra
   * states the time only if the registration has the optional ID token claim `auth_time`; without it the sign-in is refused.
   */
  readonly maxAgeSeconds?: number | undefined;
}

/** An initiated flow: where to send the browser, and the token that it must send back. */
export interface InitiatedFlow {
  readonly flowId: FlowId;
  readonly authorizationUrl: string;
  readonly browserToken: BrowserToken;
  readonly expiresAt: Date;
}

/** A flow that was taken, its secrets opened. */
export interface TakenFlow extends Flow {
  readonly codeVerifier: CodeVerifier;
}

/** The first half of a sign-in. */
export interface FlowStart {
  /**
   * Initiates an authorization code flow with PKCE and stores it until its callback, under digests of its state and of the
   * browser token: any server of the application can complete it, and no other browser can. If the login hint is the user
   * name of `active`, the provider receives that session's own hint instead: Entra knows a guest only by it.
   *
   * @throws {AuthError} `tenant_not_found`, `identity_provider_unavailable`, `store_unavailable`
   * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-2.1 | RFC 9700 §2.1}
   */
  initiateFlow(
    request?: FlowRequest,
    active?: ActiveSession,
  ): Promise<InitiatedFlow>;
}

/** Creates the method that initiates flows. */
export function createFlowStart(core: Core): FlowStart {
  const { identityClient, flowStore, settings, report } = core;
  return {
    initiateFlow: async (request = {}, active) => {
      const { issuer } = await identityClient.identityProvider.readMetadata();
      const secrets = createFlowSecrets();
      const { state, nonce, codeVerifier, browserToken } = secrets;
      const { returnUrl, scopes = [], maxAgeSeconds, ...wishes } = request;
      const authorizationUrl = await identityClient.createAuthorizationUrl({
        state,
        nonce,
        codeVerifier,
        scopes,
        maxAgeSeconds,
        ...wishes,
        ...chooseHints(await withOwnHint(core, request, active)),
      });

      const createdAt = core.now();
      const { appUrl, redirectUri, flowTimeoutSeconds } = settings.shared;
      const expiresAt = addSeconds(createdAt, flowTimeoutSeconds);
      const stateDigest = createDigest(state);
      await flowStore.add({
        stateDigest,
        browserTokenDigest: createDigest(browserToken),
        nonce,
        sealedCodeVerifier: core.sealer.seal(
          codeVerifier,
          createPlace(stateDigest),
        ),
        scopes,
        returnUrl: parseReturnUrl(returnUrl, { appUrl, redirectUri }),
        issuer,
        maxAgeSeconds,
        createdAt,
        expiresAt,
      });
      const flowId = createFlowId(stateDigest);
      report({ type: "flow.initiated", flowId });
      return { flowId, authorizationUrl, browserToken, expiresAt };
    },
  };
}

function createFlowSecrets(): Pick<TakenFlow, "nonce" | "codeVerifier"> &
  Pick<InitiatedFlow, "browserToken"> & { readonly state: State } {
  return {
    state: createSecret() as State,
    nonce: createSecret() as Nonce,
    codeVerifier: createSecret() as CodeVerifier,
    browserToken: createSecret() as BrowserToken,
  };
}

async function withOwnHint(
  { activeSessions }: Core,
  request: FlowRequest,
  active: ActiveSession | undefined,
): Promise<FlowRequest> {
  const { loginHint } = request;
  const ownName = active?.user.preferredUsername?.toLowerCase();
  if (active === undefined || loginHint?.toLowerCase() !== ownName)
    return request;
  const stored = await activeSessions.find(active);
  return { ...request, loginHint: stored?.session.logoutHint ?? loginHint };
}

/**
 * Takes the flow of this state, if this browser initiated it. The flow is removed, even if the sign-in fails afterwards.
 *
 * @throws {AuthError} `flow_not_found` if no flow waits for this state: it expired or was completed already.
 * @throws {AuthError} `browser_mismatch` if another browser initiated the flow, which is left to that browser.
 */
export async function takeFlow(
  core: Core,
  stateDigest: Digest,
  browserToken: string | undefined,
): Promise<TakenFlow> {
  const flow =
    browserToken === undefined
      ? undefined
      : await core.flowStore.take(
          stateDigest,
          createDigest(browserToken),
          core.now(),
        );
  if (flow === undefined) throw await explainMissingFlow(core, stateDigest);

  const codeVerifier = core.sealer.open(
    flow.sealedCodeVerifier,
    createPlace(stateDigest),
  );
  if (codeVerifier === undefined) {
    throw new AuthError(
      "flow_not_found",
      "The flow cannot be opened with any of the present secrets. Start again.",
      { returnUrl: flow.returnUrl, isFlowTaken: true },
    );
  }
  return { ...flow, codeVerifier: codeVerifier as CodeVerifier };
}

/** Returns the name of the flow that the state stands for. */
export function createFlowId(stateDigest: Digest): FlowId {
  return stateDigest.slice(0, 22) as FlowId;
}

/**
 * Returns the hints that the identity provider can use. A guest's user name (`#EXT#`) is known to no sign-in page, an
 * opaque hint (the `login_hint` claim) says more than a domain, and with `select_account` there is no account to suggest.
 *
 * @see {@link https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow | Authorization code flow}
 */
function chooseHints({
  prompt,
  loginHint,
  domainHint,
}: FlowRequest): Pick<FlowRequest, "loginHint" | "domainHint"> {
  const isUsable =
    loginHint !== undefined &&
    loginHint !== "" &&
    prompt !== "select_account" &&
    !/#EXT#/i.test(loginHint);
  const isOpaque = isUsable && !loginHint.includes("@");
  return {
    loginHint: isUsable ? loginHint : undefined,
    domainHint: isOpaque ? undefined : domainHint,
  };
}

async function explainMissingFlow(
  { flowStore, now }: Core,
  stateDigest: Digest,
): Promise<AuthError> {
  const isPending = await flowStore.isPending(stateDigest, now());
  return isPending
    ? new AuthError(
        "browser_mismatch",
        "This sign-in was started in another browser. Start again in this one.",
      )
    : new AuthError(
        "flow_not_found",
        "No flow waits for this state: it expired, or its callback was already used.",
      );
}

function createPlace(stateDigest: Digest): string {
  return `flow:${stateDigest}`;
}
