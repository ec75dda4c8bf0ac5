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

/** The options of one sign-in. */
export interface FlowRequest {
  /** The page to return to. A URL outside the application becomes the start page. */
  readonly returnUrl?: string | undefined;
  /** The permissions of an access token. Without them, the user only signs in. */
  readonly scopes?: readonly string[] | undefined;
  readonly prompt?: Prompt | undefined;
  readonly loginHint?: string | undefined;
  readonly domainHint?: string | undefined;
  readonly claims?: string | undefined;
  /**
   * The maximum time since the user authenticated. If it was longer ago, the identity provider asks the user to
   * authenticate again. Entra requires the optional ID token claim `auth_time` for this; without that claim the sign-in
   * is refused.
   */
  readonly maxAgeSeconds?: number | undefined;
}

/** An initiated flow: the URL to send the browser to, and the token for its flow cookie. */
export interface InitiatedFlow {
  readonly flowId: FlowId;
  readonly authorizationUrl: string;
  readonly browserToken: BrowserToken;
  readonly expiresAt: Date;
}

/** A taken flow with its decrypted code verifier. */
export interface TakenFlow extends Flow {
  readonly codeVerifier: CodeVerifier;
}

/** The first half of a sign-in. */
export interface FlowStart {
  /**
   * Initiates an authorization code flow with PKCE and stores it until its callback, under the digests of its state and
   * browser token. Any server of the application can complete it, but only in the same browser. If the login hint is
   * the user name of `active`, the provider receives the `login_hint` claim of that session instead, which also
   * identifies guests.
   *
   * @throws {AuthError} `tenant_not_found`, `identity_provider_unavailable`, `store_unavailable`
   * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-2.1 | RFC 9700 §2.1}
   */
  initiateFlow(
    request?: FlowRequest,
    active?: ActiveSession,
  ): Promise<InitiatedFlow>;
}

export function createFlowStart(core: Core): FlowStart {
  const { identityClient, flowStore, report } = core;
  return {
    initiateFlow: async (request = {}, active) => {
      const { issuer } = await identityClient.identityProvider.readMetadata();
      const secrets = createFlowSecrets();
      const { state, nonce, codeVerifier, browserToken } = secrets;
      const { scopes = [], prompt, claims, maxAgeSeconds } = request;
      const authorizationUrl = await identityClient.createAuthorizationUrl({
        state,
        nonce,
        codeVerifier,
        scopes,
        prompt,
        claims,
        maxAgeSeconds,
        ...chooseHints(await withOwnHint(core, request, active)),
      });

      const flow = createFlow(core, secrets, issuer, request);
      await flowStore.add(flow);
      const flowId = createFlowId(flow.stateDigest);
      report({ type: "flow.initiated", flowId });
      const { expiresAt } = flow;
      return { flowId, authorizationUrl, browserToken, expiresAt };
    },
  };
}

interface FlowSecrets {
  readonly state: State;
  readonly nonce: Nonce;
  readonly codeVerifier: CodeVerifier;
  readonly browserToken: BrowserToken;
}

function createFlowSecrets(): FlowSecrets {
  return {
    state: createSecret() as State,
    nonce: createSecret() as Nonce,
    codeVerifier: createSecret() as CodeVerifier,
    browserToken: createSecret() as BrowserToken,
  };
}

function createFlow(
  { settings, sealer, now }: Core,
  { state, nonce, codeVerifier, browserToken }: FlowSecrets,
  issuer: string,
  { returnUrl, scopes = [], maxAgeSeconds }: FlowRequest,
): Flow {
  const createdAt = now();
  const stateDigest = createDigest(state);
  return {
    stateDigest,
    browserTokenDigest: createDigest(browserToken),
    nonce,
    sealedCodeVerifier: sealer.seal(codeVerifier, createPlace(stateDigest)),
    scopes,
    returnUrl: parseReturnUrl(returnUrl, settings.shared),
    issuer,
    maxAgeSeconds,
    createdAt,
    expiresAt: addSeconds(createdAt, settings.shared.flowTimeoutSeconds),
  };
}

async function withOwnHint(
  { activeSessions }: Core,
  request: FlowRequest,
  active: ActiveSession | undefined,
): Promise<FlowRequest> {
  if (active === undefined) return request;
  const loginHint = request.loginHint?.toLowerCase();
  const ownName = active.user.preferredUsername?.toLowerCase();
  if (loginHint === undefined || loginHint !== ownName) return request;
  const stored = await activeSessions.find(active);
  const ownHint = stored?.session.logoutHint;
  return ownHint === undefined ? request : { ...request, loginHint: ownHint };
}

/**
 * Takes the flow of this state if this browser initiated it. The flow is removed even if the sign-in fails afterwards.
 *
 * @throws {AuthError} `flow_not_found` if no flow waits for this state: it expired or was completed already.
 * @throws {AuthError} `browser_mismatch` if another browser initiated the flow, which is then not removed.
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
      "The flow was encrypted with a secret that is no longer configured. Start again.",
      { returnUrl: flow.returnUrl, isFlowTaken: true },
    );
  }
  return { ...flow, codeVerifier: codeVerifier as CodeVerifier };
}

/** Returns the ID of the flow with this state. */
export function createFlowId(stateDigest: Digest): FlowId {
  return stateDigest.slice(0, 22) as FlowId;
}

/**
 * Returns the hints that the identity provider can use. Sign-in pages do not accept the user name of a guest (`#EXT#`),
 * an opaque hint (the `login_hint` claim) makes the domain superfluous, and `select_account` excludes a login hint.
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
