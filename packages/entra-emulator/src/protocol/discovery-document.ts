import type { Authority } from "../directory/authority.js";
import type { JsonObject } from "../faults/fault.js";
import type { EmulatorState } from "../state/emulator-state.js";
import { issuerOf } from "../tokens/id-token-claims.js";

/** Returns the v2.0 discovery document of an authority, its members in the captured order. */
export function createDiscoveryDocument(
  state: EmulatorState,
  authority: Authority,
  appId?: string,
): JsonObject {
  const { segment, tenant } = authority;
  const base = `${state.origin}/${segment}`;
  const keysQuery =
    appId === undefined ? "" : `?appid=${encodeURIComponent(appId)}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: [
      "client_secret_post",
      "private_key_jwt",
      "client_secret_basic",
    ],
    jwks_uri: `${base}/discovery/v2.0/keys${keysQuery}`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: [
      "code",
      "id_token",
      "code id_token",
      "id_token token",
    ],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    issuer: issuerOf(state, tenant),
    request_uri_parameter_supported: false,
    userinfo_endpoint: `${state.otherOrigin}/oidc/userinfo`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: claimsSupported,
    kerberos_endpoint: `${base}/kerberos`,
    tenant_region_scope:
      tenant === undefined ? null : (tenant.regionScope ?? "EU"),
    cloud_instance_name: "microsoftonline.com",
    cloud_graph_host_name: "graph.windows.net",
    msgraph_host: "graph.microsoft.com",
    rbac_url: "https://pas.windows.net",
  };
}

/** Returns the v1.0 discovery document, with another issuer and more claims. Its endpoints are not served. */
export function createVersion1Document(
  state: EmulatorState,
  authority: Authority,
): JsonObject {
  const base = `${state.origin}/${authority.segment}`;
  return {
    ...createDiscoveryDocument(state, authority),
    token_endpoint: `${base}/oauth2/token`,
    jwks_uri: `${state.origin}/common/discovery/keys`,
    scopes_supported: ["openid"],
    issuer: `https://sts.windows.net/${authority.tenant?.tenantId ?? "{tenantid}"}/`,
    microsoft_multi_refresh_token: true,
    authorization_endpoint: `${base}/oauth2/authorize`,
    end_session_endpoint: `${base}/oauth2/logout`,
    check_session_iframe: `${base}/oauth2/checksession`,
    claims_supported: [
      ...claimsSupported,
      "amr",
      "given_name",
      "family_name",
      "nickname",
    ],
  };
}

/** Returns the instance discovery document, which MSAL requests for unknown hosts. */
export function createInstanceDocument(state: EmulatorState): JsonObject {
  const hosts = [new URL(state.origin).host, new URL(state.otherOrigin).host];
  return {
    tenant_discovery_endpoint: `${state.origin}/common/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [
      {
        preferred_network: hosts[0] ?? "",
        preferred_cache: hosts[0] ?? "",
        aliases: hosts,
      },
    ],
  };
}

const claimsSupported = [
  "sub",
  "iss",
  "cloud_instance_name",
  "cloud_instance_host_name",
  "cloud_graph_host_name",
  "msgraph_host",
  "aud",
  "exp",
  "iat",
  "auth_time",
  "acr",
  "nonce",
  "preferred_username",
  "name",
  "tid",
  "ver",
  "at_hash",
  "c_hash",
  "email",
] as const;
