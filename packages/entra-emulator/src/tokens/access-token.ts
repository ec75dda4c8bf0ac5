import { randomInt, createHash } from "node:crypto";
import type { Account } from "../directory/account.js";
import type { AppRegistration } from "../directory/directory.js";
import { GRAPH, type Resource } from "../directory/scopes.js";
import { addSeconds, toNumericDate } from "../state/clock.js";
import type { EmulatorState } from "../state/emulator-state.js";
import { randomToken, sha256 } from "../state/random.js";
import {
  issuerOf,
  pairwiseSubject,
  rolesOf,
  withoutUndefined,
} from "./id-token-claims.js";
import { signCompact, signingKeyOf, signToken } from "./sign-token.js";
import type { JsonObject } from "../faults/fault.js";

/** The account, app and scopes of an access token. */
export interface AccessTokenRequest {
  readonly app: AppRegistration;
  readonly account: Account;
  readonly resource: Resource;
  readonly scopeNames: readonly string[];
  /** How the client authenticated: 0 public, 1 secret, 2 assertion. */
  readonly clientAuthentication: 0 | 1 | 2;
}

/** An access token and its lifetime. */
export interface IssuedAccessToken {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
}

/** Issues an access token that lives 60 to 90 minutes, in the version that the resource's manifest requests. */
export async function issueAccessToken(
  state: EmulatorState,
  request: AccessTokenRequest,
): Promise<IssuedAccessToken> {
  const expiresInSeconds = randomInt(3600, 5400);
  const accessToken = await createAccessToken(state, request, expiresInSeconds);
  const { app, account, resource, scopeNames } = request;
  const record = {
    clientId: app.clientId,
    account: { upn: account.person.upn, tenantId: account.tenant.tenantId },
    resourceId: resource.id,
    scopeNames,
  };
  state.accessTokens.set(
    sha256(accessToken),
    record,
    addSeconds(state.clock.now(), expiresInSeconds),
  );
  return { accessToken, expiresInSeconds };
}

function createAccessToken(
  state: EmulatorState,
  request: AccessTokenRequest,
  seconds: number,
): Promise<string> {
  const { account, resource } = request;
  if (resource.app === undefined)
    return createGraphToken(state, request, seconds);
  const claims =
    versionOf(resource) === 2
      ? version2Claims(state, request, seconds)
      : version1Claims(request, state, seconds);
  return signToken(state, account.tenant, resource.app, claims);
}

// Only Microsoft Graph can verify its tokens: the `nonce` of the header is hashed before signing, so an ordinary
// verification fails. Tokens of personal accounts are not JWTs.
function createGraphToken(
  state: EmulatorState,
  request: AccessTokenRequest,
  seconds: number,
): Promise<string> {
  if (request.account.tenant.kind === "consumer")
    return Promise.resolve(`EwB${randomToken(600)}`);
  const key = signingKeyOf(state, request.account.tenant);
  const nonce = randomToken(32);
  const header = { typ: "JWT", alg: "RS256", x5t: key.kid, kid: key.kid };
  const signed = signCompact(
    key.privateKey,
    {
      ...header,
      nonce: createHash("sha256").update(nonce).digest("base64url"),
    },
    version1Claims(request, state, seconds),
  );
  return signed.then((token) => {
    const visible = Buffer.from(JSON.stringify({ ...header, nonce })).toString(
      "base64url",
    );
    return `${visible}${token.slice(token.indexOf("."))}`;
  });
}

/** The version is the choice of the API's registration. Microsoft Graph's tokens are of version 1. */
function versionOf({ app }: Resource): 1 | 2 {
  return app?.api?.requestedAccessTokenVersion ?? 1;
}

/** The app roles of the API that the application has, in the order of the API's manifest. */
function applicationRolesOf(
  app: AppRegistration,
  resource: Resource,
): readonly string[] | undefined {
  const given = (app.applicationPermissions ?? [])
    .filter(
      ({ resourceClientId }) => resourceClientId === resource.app?.clientId,
    )
    .flatMap(({ roles }) => roles);
  const roles = resource.app?.appRoles?.filter((role) => given.includes(role));
  return roles?.length ? roles : undefined;
}

/** The object ID of the application's service principal in the tenant, a GUID. */
function servicePrincipalIdOf(
  { clientId }: AppRegistration,
  { tenantId }: Account["tenant"],
): string {
  const digest = createHash("sha256")
    .update(`service principal|${clientId}|${tenantId}`)
    .digest("hex");
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `4${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join("-");
}

function lifetime(
  state: EmulatorState,
  seconds: number,
): { iat: number; nbf: number; exp: number } {
  const now = toNumericDate(state.clock.now());
  return { iat: now - 300, nbf: now - 300, exp: now + seconds };
}

function version2Claims(
  state: EmulatorState,
  request: AccessTokenRequest,
  seconds: number,
): JsonObject {
  const { app, account, resource, scopeNames, clientAuthentication } = request;
  const api = resource.app ?? app;
  return withoutUndefined({
    aud: api.clientId,
    iss: issuerOf(state, account.tenant),
    ...lifetime(state, seconds),
    aio: randomToken(48),
    azp: app.clientId,
    azpacr: String(clientAuthentication),
    name: account.person.name,
    oid: account.membership.objectId,
    preferred_username: account.person.upn,
    rh: `1.${randomToken(40)}.`,
    roles: rolesOf(api, account),
    scp: scopeNames.join(" "),
    sub: pairwiseSubject(api.clientId, account),
    tid: account.tenant.tenantId,
    uti: randomToken(16),
    ver: "2.0",
  });
}

function version1Claims(
  request: AccessTokenRequest,
  state: EmulatorState,
  seconds: number,
): JsonObject {
  const { app, account, resource, scopeNames, clientAuthentication } = request;
  return withoutUndefined({
    aud: resource.id,
    iss: `https://sts.windows.net/${account.tenant.tenantId}/`,
    ...lifetime(state, seconds),
    acr: "1",
    aio: randomToken(48),
    amr: ["pwd"],
    app_displayname:
      resource.id === GRAPH ? (app.displayName ?? app.clientId) : undefined,
    appid: app.clientId,
    appidacr: String(clientAuthentication),
    family_name: account.person.familyName,
    given_name: account.person.givenName,
    ipaddr: "127.0.0.1",
    name: account.person.name,
    oid: account.membership.objectId,
    rh: `1.${randomToken(40)}.`,
    roles:
      resource.app === undefined ? undefined : rolesOf(resource.app, account),
    scp: scopeNames.join(" "),
    sub: pairwiseSubject(resource.id, account),
    tid: account.tenant.tenantId,
    unique_name: account.person.upn,
    upn: account.person.upn,
    uti: randomToken(16),
    ver: "1.0",
  });
}

/** Issues an access token for the app itself (client credentials). */
export async function issueAppOnlyToken(
  state: EmulatorState,
  request: Pick<
    AccessTokenRequest,
    "app" | "resource" | "clientAuthentication"
  > &
    Pick<Account, "tenant">,
): Promise<IssuedAccessToken> {
  const { app, resource, tenant, clientAuthentication } = request;
  const version = versionOf(resource);
  const objectId = servicePrincipalIdOf(app, tenant);
  const expiresInSeconds = 3599;
  const names =
    version === 1
      ? {
          appid: app.clientId,
          appidacr: String(clientAuthentication),
          idtyp: "app",
        }
      : { azp: app.clientId, azpacr: String(clientAuthentication) };
  const claims = withoutUndefined({
    aud: version === 1 ? resource.id : resource.app?.clientId,
    iss:
      version === 1
        ? `https://sts.windows.net/${tenant.tenantId}/`
        : issuerOf(state, tenant),
    ...lifetime(state, expiresInSeconds),
    aio: randomToken(24),
    ...names,
    oid: objectId,
    rh: `1.${randomToken(40)}.`,
    roles: applicationRolesOf(app, resource),
    sub: objectId,
    tid: tenant.tenantId,
    uti: randomToken(16),
    ver: `${version}.0`,
  });
  return {
    accessToken: await signToken(state, tenant, resource.app, claims),
    expiresInSeconds,
  };
}
