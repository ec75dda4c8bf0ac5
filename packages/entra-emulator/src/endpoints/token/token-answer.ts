import { type Account, findAccount } from "../../directory/account.js";
import {
  GRAPH,
  graphResource,
  parseScopes,
  type RequestedScopes,
  type ResourceScopes,
} from "../../directory/scopes.js";
import type { JsonObject, TokenOccasion } from "../../faults/fault.js";
import { AadstsError } from "../../protocol/aadsts.js";
import { addSeconds } from "../../state/clock.js";
import { missingScopes } from "../../state/consents.js";
import type { EmulatorState } from "../../state/emulator-state.js";
import type { Grant } from "../../state/grant.js";
import { randomToken, sha256 } from "../../state/random.js";
import { issueAccessToken } from "../../tokens/access-token.js";
import { formatClientInfo } from "../../tokens/client-info.js";
import { issueIdToken } from "../../tokens/id-token.js";
import { withoutUndefined } from "../../tokens/id-token-claims.js";
import type { TokenRequest } from "./token-request.js";

const REFRESH_IDLE_SECONDS = 90 * 24 * 60 * 60;

/** A redemption that has passed every check of its grant type. */
export interface Redemption {
  readonly tokenRequest: TokenRequest;
  readonly grant: Grant;
  /** `scope` of the token request; if absent, that of the authorization request is used. */
  readonly scope: string | undefined;
  readonly occasion: TokenOccasion;
  readonly chainStartedAt: Date;
}

/** Creates the body of a successful token response, its members in the captured order. */
export async function createTokenAnswer(
  state: EmulatorState,
  redemption: Redemption,
): Promise<JsonObject> {
  const { grant, tokenRequest, occasion } = redemption;
  const account = requireLiveAccount(state, grant);
  const { client, request } = tokenRequest;
  const authorized = parseScopes(state.directory, grant.scope);
  const scopes = effectiveScopes(state, redemption, authorized);
  const granted = grantedScopes(state, account, tokenRequest, scopes);
  const { accessToken, expiresInSeconds } = await issueAccessToken(state, {
    app: client.app,
    account,
    resource: granted.resource,
    scopeNames:
      granted.resource.id === GRAPH
        ? [...granted.openId, ...granted.names]
        : granted.names,
    clientAuthentication: client.clientAuthentication,
  });
  const openIdRequest = {
    app: client.app,
    account,
    grant,
    openIdScopes: scopes.openId,
  };
  return withoutUndefined({
    token_type: "Bearer",
    scope: formatScope(granted),
    expires_in: expiresInSeconds,
    ext_expires_in: expiresInSeconds,
    access_token: accessToken,
    refresh_token: scopes.openId.includes("offline_access")
      ? issueRefreshToken(state, redemption)
      : undefined,
    id_token: scopes.openId.includes("openid")
      ? await issueIdToken(state, openIdRequest, occasion)
      : undefined,
    client_info:
      request.form.get("client_info") === "1"
        ? formatClientInfo(account.person)
        : undefined,
  });
}

function requireLiveAccount(state: EmulatorState, grant: Grant): Account {
  const account = findAccount(state.directory, grant.account);
  if (account === undefined)
    throw new AadstsError(50034, grant.account.upn, grant.account.tenantId);
  if (account.person.disabled === true) throw new AadstsError(50057);
  return account;
}

// OpenID Connect scopes come from the authorization request; resource scopes come from the token request if it names
// any.
function effectiveScopes(
  state: EmulatorState,
  { scope, grant, occasion }: Redemption,
  authorized: RequestedScopes,
): RequestedScopes {
  if (scope === undefined || scope.trim() === "") return authorized;
  const requested = parseScopes(state.directory, scope);
  const hasResource = requested.resources.length > 0;
  const openId =
    occasion === "refresh_token"
      ? requested.openId
      : mergeOpenId(authorized, requested);
  // A refresh token is always replaced by a new one, even if the request does not repeat `offline_access`.
  const keepsRefresh =
    occasion === "refresh_token" && grant.scope.includes("offline_access");
  return {
    openId:
      keepsRefresh && !openId.includes("offline_access")
        ? [...openId, "offline_access"]
        : openId,
    resources: hasResource ? requested.resources : authorized.resources,
  };
}

function mergeOpenId(
  authorized: RequestedScopes,
  requested: RequestedScopes,
): readonly string[] {
  return requested.openId.length > 0
    ? requested.openId.filter((name) => authorized.openId.includes(name))
    : authorized.openId;
}

interface GrantedScopes extends ResourceScopes {
  readonly openId: readonly string[];
}

// Only the first resource is used. Scopes that were granted earlier are included even if they are not requested now.
function grantedScopes(
  state: EmulatorState,
  account: Account,
  { client: { app } }: TokenRequest,
  scopes: RequestedScopes,
): GrantedScopes {
  const all = state.consents.granted(account.person, app);
  const { resource, names } = scopes.resources[0] ?? {
    resource: graphResource(),
    names: [],
  };
  const requested = { openId: [], resources: [{ resource, names }] };
  if (missingScopes(all, requested).length > 0) {
    throw new AadstsError(65001, app.clientId, app.displayName ?? app.clientId);
  }
  const prefix = `${resource.id}/`;
  const granted = all
    .filter((scope) => scope.startsWith(prefix))
    .map((scope) => scope.slice(prefix.length));
  const named = names.filter((name) => name !== ".default");
  return {
    resource,
    names: [...new Set([...named, ...granted])],
    openId: ["email", "openid", "profile"].filter((name) => all.includes(name)),
  };
}

// For Microsoft Graph, the OpenID Connect scopes come first; for other APIs they are not listed.
function formatScope({ resource, names, openId }: GrantedScopes): string {
  const full = names.map((name) => `${resource.id}/${name}`);
  return (resource.id === GRAPH ? [...openId, ...full] : full).join(" ");
}

function issueRefreshToken(
  state: EmulatorState,
  { grant, chainStartedAt }: Redemption,
): string {
  const refreshToken = `1.A${randomToken(160)}`;
  const issuedAt = state.clock.now();
  const expiresAt = addSeconds(issuedAt, REFRESH_IDLE_SECONDS);
  state.refreshTokens.set(
    sha256(refreshToken),
    { grant, issuedAt, chainStartedAt },
    expiresAt,
  );
  return refreshToken;
}
