import { createDigest, createSecret } from "../digest.js";
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
import type { Ports } from "../ports.js";
import type { Prompt } from "../provider/identity-client.js";
import { parseReturnUrl } from "./return-url.js";
import { addSeconds } from "../time.js";

export type FlowPorts = Pick<
  Ports,
  "identityClient" | "flowStore" | "sealer" | "now"
>;

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
   * How long ago the person may have proved who they are at most; if longer, the identity provider asks them again. Entra
   * tells when that was only if the registration has the optional ID token claim `auth_time`; without it such a sign-in
   * is refused.
   */
  readonly maxAgeSeconds?: number | undefined;
}

/** An initiated flow: where to send the browser, and what it has to bring back. */
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

export interface FlowSettings {
  readonly appUrl: string;
  readonly flowTimeoutSeconds: number;
}

/**
 * Initiates an authorization code flow with PKCE and keeps it until its callback, under digests of its state and of the
 * browser's token, so that any server of the application can complete it and no other browser can.
 *
 * @throws {AuthError} `identity_provider_unavailable` if the identity provider's metadata cannot be read.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-2.1 | RFC 9700 §2.1}
 */
export async function initiateFlow(
  ports: FlowPorts,
  settings: FlowSettings,
  request: FlowRequest,
): Promise<InitiatedFlow> {
  const { issuer } = await ports.identityClient.identityProvider.readMetadata();
  const [state, nonce] = [createSecret() as State, createSecret() as Nonce];
  const [codeVerifier, browserToken] = [
    createSecret() as CodeVerifier,
    createSecret() as BrowserToken,
  ];
  const { returnUrl: wanted, scopes = [], ...wishes } = request;
  const authorizationUrl = await ports.identityClient.createAuthorizationUrl({
    state,
    nonce,
    codeVerifier,
    scopes,
    ...wishes,
    ...chooseHints(request),
  });

  const createdAt = ports.now();
  const expiresAt = addSeconds(createdAt, settings.flowTimeoutSeconds);
  const stateDigest = createDigest(state);
  await ports.flowStore.add({
    stateDigest,
    browserTokenDigest: createDigest(browserToken),
    nonce,
    sealedCodeVerifier: ports.sealer.seal(
      codeVerifier,
      createPlace(stateDigest),
    ),
    scopes,
    returnUrl: parseReturnUrl(wanted, {
      appUrl: settings.appUrl,
      redirectUri: ports.identityClient.redirectUri,
    }),
    issuer,
    maxAgeSeconds: request.maxAgeSeconds,
    createdAt,
    expiresAt,
  });
  return {
    flowId: createFlowId(stateDigest),
    authorizationUrl,
    browserToken,
    expiresAt,
  };
}

/**
 * Takes the flow of this state, if this browser initiated it. Whatever becomes of the sign-in afterwards, the
 * flow is gone.
 *
 * @throws {AuthError} `flow_not_found` if no flow waits for this state: it expired or was completed already.
 * @throws {AuthError} `browser_mismatch` if another browser initiated the flow, which is left to that browser.
 */
export async function takeFlow(
  ports: Pick<FlowPorts, "flowStore" | "sealer" | "now">,
  stateDigest: Digest,
  browserToken: string | undefined,
): Promise<TakenFlow> {
  const flow =
    browserToken === undefined
      ? undefined
      : await ports.flowStore.take(
          stateDigest,
          createDigest(browserToken),
          ports.now(),
        );
  if (flow === undefined) throw await explainMissingFlow(ports, stateDigest);

  const codeVerifier = ports.sealer.open(
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
  ports: Pick<FlowPorts, "flowStore" | "now">,
  stateDigest: Digest,
): Promise<AuthError> {
  const isPending = await ports.flowStore.isPending(stateDigest, ports.now());
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
