import type { Account } from "../../directory/account.js";
import { formatClientInfo } from "../../tokens/client-info.js";
import { graphResource } from "../../directory/scopes.js";
import {
  type AnswerParameters,
  sendAnswer,
  stateParameter,
} from "../../protocol/authorization-answer.js";
import type { AuthorizationRequest } from "../../protocol/authorization-request.js";
import { AadstsError } from "../../protocol/aadsts.js";
import { addSeconds } from "../../state/clock.js";
import type { EmulatorState } from "../../state/emulator-state.js";
import type { Grant } from "../../state/grant.js";
import { randomToken, sha256 } from "../../state/random.js";
import type { SsoSession } from "../../state/sso-session.js";
import { issueAccessToken } from "../../tokens/access-token.js";
import { issueIdToken } from "../../tokens/id-token.js";

// Codes are kept after their ten minutes, so that a late or second use gets the right error.
const CODE_MEMORY_SECONDS = 60 * 60;

/** A completed sign-in. */
export interface GivenAuthorization {
  readonly parsed: AuthorizationRequest;
  readonly session: SsoSession;
  readonly account: Account;
  /** `Set-Cookie` of the single sign-on session, if it changed. */
  readonly cookie?: string | undefined;
}

/** Sends the authorization response to the app: code and tokens of the requested response type, then `state`. */
export async function sendGrant(
  state: EmulatorState,
  given: GivenAuthorization,
): Promise<Response> {
  const { parsed, session, account, cookie } = given;
  const grant = createGrant(state, given);
  const code = parsed.responseType.includes("code")
    ? issueCode(state, parsed, grant)
    : undefined;
  const tokens = await frontChannelTokens(state, given, grant, code);
  state.sessions.addClient(session, account.person.upn, parsed.app.clientId);
  const parameters: AnswerParameters = [
    ...(code === undefined ? [] : [["code", code] as const]),
    ...tokens,
    ...(parsed.wantsClientInfo
      ? [["client_info", formatClientInfo(account.person)] as const]
      : []),
    ...stateParameter(parsed.state),
    ["session_state", grant.sid],
  ];
  return sendAnswer(
    state,
    parsed,
    parameters,
    cookie === undefined ? {} : { "Set-Cookie": cookie },
  );
}

function createGrant(
  state: EmulatorState,
  { parsed, session, account }: GivenAuthorization,
): Grant {
  const signedIn = state.sessions
    .read(session.token)
    ?.accounts.find(({ upn }) => upn === account.person.upn);
  if (signedIn === undefined) throw new AadstsError(50058);
  return {
    clientId: parsed.app.clientId,
    account: { upn: account.person.upn, tenantId: account.tenant.tenantId },
    scope: parsed.scope,
    platform: parsed.platform,
    sid: signedIn.sid,
    authTime: signedIn.authTime,
    maxAgeSeconds: parsed.maxAgeSeconds,
    nonce: parsed.nonce,
  };
}

function issueCode(
  state: EmulatorState,
  parsed: AuthorizationRequest,
  grant: Grant,
): string {
  const code = `1.A${randomToken(96)}`;
  const issuedAt = state.clock.now();
  const record = {
    grant,
    authoritySegment: parsed.authority.segment,
    redirectUri: parsed.redirectUri,
    codeChallenge: parsed.codeChallenge,
    codeChallengeMethod: parsed.codeChallengeMethod,
    issuedAt,
    isRedeemed: false,
  };
  state.codes.set(
    sha256(code),
    record,
    addSeconds(issuedAt, CODE_MEMORY_SECONDS),
  );
  return code;
}

async function frontChannelTokens(
  state: EmulatorState,
  { parsed, account }: GivenAuthorization,
  grant: Grant,
  code: string | undefined,
): Promise<AnswerParameters> {
  const types = parsed.responseType.split(" ");
  if (!types.includes("id_token")) return [];
  const issued = types.includes("token")
    ? await issueFrontChannelAccessToken(state, parsed, account)
    : undefined;
  const request = {
    app: parsed.app,
    account,
    grant,
    openIdScopes: parsed.scopes.openId,
    frontChannel: { code, accessToken: issued?.accessToken },
    wantsCloudInstance: parsed.wantsCloudInstance,
  };
  const idToken = await issueIdToken(state, request, "authorize");
  if (issued === undefined) return [["id_token", idToken]];
  return [
    ["access_token", issued.accessToken],
    ["token_type", "Bearer"],
    ["expires_in", String(issued.expiresInSeconds)],
    ["scope", parsed.scope],
    ["id_token", idToken],
  ];
}

function issueFrontChannelAccessToken(
  state: EmulatorState,
  parsed: AuthorizationRequest,
  account: Account,
): ReturnType<typeof issueAccessToken> {
  const requested = parsed.scopes.resources[0] ?? {
    resource: graphResource(),
    names: parsed.scopes.openId,
  };
  return issueAccessToken(state, {
    app: parsed.app,
    account,
    resource: requested.resource,
    scopeNames: requested.names,
    clientAuthentication: 0,
  });
}
