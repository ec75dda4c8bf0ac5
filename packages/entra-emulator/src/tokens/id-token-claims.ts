import { createHash } from "node:crypto";
import { type Account, formatLoginHint } from "../directory/account.js";
import { builtInTenants } from "../directory/built-in-directory.js";
import type { AppRegistration, Tenant } from "../directory/directory.js";
import type { JsonObject } from "../faults/fault.js";
import { toNumericDate } from "../state/clock.js";
import type { EmulatorState } from "../state/emulator-state.js";
import type { Grant } from "../state/grant.js";
import { randomToken, sha256 } from "../state/random.js";

const CLOCK_SET_BACK_SECONDS = 300;
const LIFETIME_SECONDS = {
  organization: 3900,
  external: 3900,
  consumer: 86_700,
} as const;
const MAXIMUM_GROUPS = 200;
const MAXIMUM_FRONT_CHANNEL_GROUPS = 5;

/** The account, app and grant of an ID token. */
export interface IdTokenRequest {
  readonly app: AppRegistration;
  readonly account: Account;
  readonly grant: Pick<Grant, "sid" | "authTime" | "nonce" | "maxAgeSeconds">;
  readonly openIdScopes: readonly string[];
  /** Set for tokens from the authorization endpoint, which contain hashes and fewer groups. */
  readonly frontChannel?:
    | {
        readonly code?: string | undefined;
        readonly accessToken?: string | undefined;
      }
    | undefined;
  readonly wantsCloudInstance?: boolean | undefined;
}

/** Returns the claims of an ID token in the captured order. */
export function createIdTokenClaims(
  state: EmulatorState,
  request: IdTokenRequest,
): JsonObject {
  const { app, account, grant } = request;
  const issuedAt = toNumericDate(state.clock.now()) - CLOCK_SET_BACK_SECONDS;
  return withoutUndefined({
    aud: app.clientId,
    iss: issuerOf(state, account.tenant),
    iat: issuedAt,
    nbf: issuedAt,
    exp: expiry(request, issuedAt),
    aio: randomToken(48),
    ...hashes(request.frontChannel),
    ...optionalClaims(request),
    ...emailClaims(request),
    ...groupClaims(request),
    idp: account.isGuest
      ? `https://sts.windows.net/${account.person.home.tenantId}/`
      : undefined,
    ...profileClaims(request),
    nonce: grant.nonce,
    rh: `1.${randomToken(40)}.`,
    roles: rolesOf(app, account),
    sid: grant.sid,
    sub: pairwiseSubject(app.clientId, account),
    tid: account.tenant.tenantId,
    uti: randomToken(16),
    ver: "2.0",
  });
}

/** Returns the issuer of a tenant, or without a tenant the template with `{tenantid}`. */
export function issuerOf(
  state: EmulatorState,
  tenant: Tenant | undefined,
): string {
  const origin = tenant?.kind === "external" ? state.otherOrigin : state.origin;
  return `${origin}/${tenant?.tenantId ?? "{tenantid}"}/v2.0`;
}

/** Returns `sub`, which differs for each app, tenant and person. */
export function pairwiseSubject(clientId: string, account: Account): string {
  return sha256(
    `sub|${clientId}|${account.tenant.tenantId}|${account.membership.objectId}`,
  );
}

/** Returns the app roles of the account that the app defines; or `undefined` if there are none. */
export function rolesOf(
  app: AppRegistration,
  account: Account,
): readonly string[] | undefined {
  const roles =
    account.membership.appRoles?.filter(
      (role) => app.appRoles?.includes(role) ?? false,
    ) ?? [];
  return roles.length === 0 ? undefined : roles;
}

/** Returns the left half of the token's SHA-256 digest, for `at_hash` and `c_hash` (OIDC Core §3.1.3.6). */
export function leftHalfHash(token: string): string {
  return createHash("sha256")
    .update(token)
    .digest()
    .subarray(0, 16)
    .toString("base64url");
}

/** Omits members that are undefined. */
export function withoutUndefined(
  object: Readonly<Record<string, JsonObject[string] | undefined>>,
): JsonObject {
  const result: Record<string, JsonObject[string]> = {};
  for (const [name, value] of Object.entries(object))
    if (value !== undefined) result[name] = value;
  return result;
}

type Claims = Readonly<Record<string, JsonObject[string] | undefined>>;

function expiry({ account, grant }: IdTokenRequest, issuedAt: number): number {
  const regular = issuedAt + LIFETIME_SECONDS[account.tenant.kind];
  return (grant.maxAgeSeconds ?? 0) > 0
    ? Math.min(
        regular,
        toNumericDate(grant.authTime) + (grant.maxAgeSeconds ?? 0),
      )
    : regular;
}

function hashes(frontChannel: IdTokenRequest["frontChannel"]): Claims {
  return {
    c_hash:
      frontChannel?.code === undefined
        ? undefined
        : leftHalfHash(frontChannel.code),
    at_hash:
      frontChannel?.accessToken === undefined
        ? undefined
        : leftHalfHash(frontChannel.accessToken),
  };
}

function profileClaims({
  account,
  openIdScopes,
  wantsCloudInstance,
}: IdTokenRequest): Claims {
  const cloud = {
    cloud_instance_name: "microsoftonline.com",
    cloud_graph_host_name: "graph.windows.net",
    msgraph_host: "graph.microsoft.com",
  };
  if (!openIdScopes.includes("profile"))
    return (wantsCloudInstance ?? false) ? cloud : {};
  return {
    ...((wantsCloudInstance ?? false) ? cloud : {}),
    name: account.person.name,
    oid: account.membership.objectId,
    preferred_username: account.person.upn,
  };
}

function optionalClaims({
  app,
  account,
  grant,
  openIdScopes,
}: IdTokenRequest): Claims {
  const optional = (
    name: string,
    value: JsonObject[string] | undefined,
  ): Claims =>
    (app.optionalIdTokenClaims?.includes(name) ?? false)
      ? { [name]: value }
      : {};
  const hasProfile = openIdScopes.includes("profile");
  return {
    ...optional("acct", account.isGuest ? 1 : 0),
    ...optional("auth_time", toNumericDate(grant.authTime)),
    ...optional(
      "family_name",
      hasProfile ? account.person.familyName : undefined,
    ),
    ...optional(
      "given_name",
      hasProfile ? account.person.givenName : undefined,
    ),
    ...optional("login_hint", formatLoginHint(account.person)),
    ...optional("upn", account.isGuest ? undefined : account.person.upn),
    ...optional("tenant_region_scope", account.tenant.regionScope ?? "EU"),
    ...optional("xms_pl", "en-us"),
    ...optional("xms_tpl", "en"),
    ...verifiedEmailClaim(app, account),
  };
}

function verifiedEmailClaim(app: AppRegistration, { person }: Account): Claims {
  const isWanted =
    app.optionalIdTokenClaims?.includes("verified_primary_email") ?? false;
  const isVerified =
    person.email !== undefined && person.emailVerified === true;
  return isWanted && isVerified
    ? { verified_primary_email: [person.email ?? ""] }
    : {};
}

function emailClaims({ app, account, openIdScopes }: IdTokenRequest): Claims {
  const { email, emailVerified } = account.person;
  const optional = app.optionalIdTokenClaims ?? [];
  const isWanted =
    openIdScopes.includes("email") ||
    optional.includes("email") ||
    account.isGuest;
  if (email === undefined || !isWanted) return {};
  if (emailVerified !== true)
    return (app.removeUnverifiedEmail ?? false) ? {} : { email };
  if (!optional.includes("xms_edov")) return { email };
  return { email, xms_edov: app.edovFormat === "string" ? "1" : true };
}

function groupClaims({ app, account, frontChannel }: IdTokenRequest): Claims {
  const groups = account.membership.groups ?? [];
  const isWanted = app.optionalIdTokenClaims?.includes("groups") ?? false;
  if (
    !isWanted ||
    groups.length === 0 ||
    account.tenant.tenantId === builtInTenants.consumers.tenantId
  )
    return {};
  if (
    frontChannel !== undefined &&
    groups.length > MAXIMUM_FRONT_CHANNEL_GROUPS
  )
    return { hasgroups: true };
  return groups.length > MAXIMUM_GROUPS ? groupOverage(account) : { groups };
}

// Real tokens still name the host of the retired Azure AD Graph.
function groupOverage({ tenant, membership }: Account): Claims {
  const endpoint = `https://graph.windows.net/${tenant.tenantId}/users/${membership.objectId}/getMemberObjects`;
  return {
    _claim_names: { groups: "src1" },
    _claim_sources: { src1: { endpoint } },
  };
}
