import { AuthError } from "./error.js";
import { isGuid } from "./identifiers.js";
import type { ProviderMetadata } from "./identity-provider.js";
import { consumerTenantId, isIssuerTemplate } from "./tenant.js";

export interface MetadataRequest {
  readonly authority: string;
  readonly tenant: string;
  readonly fetch: typeof fetch;
  readonly timeoutMilliseconds: number;
}

// Clouds whose issuer is on another host than their endpoints.
const issuerHosts: Readonly<Record<string, readonly string[]>> = {
  "login.chinacloudapi.cn": ["login.partner.microsoftonline.cn"],
  "login.partner.microsoftonline.cn": ["login.chinacloudapi.cn"],
};
const customerHost = ".ciamlogin.com";
const issuerPath = /^\/([^/]+)\/v2\.0\/?$/;
const maximumDocumentCharacters = 256 * 1024;

/**
 * Reads and checks the discovery document of the authority's tenant.
 *
 * @throws {AuthError} `identity_provider_unavailable` if it cannot be read or is not what this authority may publish.
 * @see {@link https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation | OpenID Connect Discovery 1.0 §4.3}
 */
export async function fetchMetadata(
  request: MetadataRequest,
): Promise<ProviderMetadata> {
  const document = await fetchDocument(request);
  const metadata = parseMetadata(document);
  if (
    metadata === undefined ||
    !isOwnIssuer(metadata.issuer, request) ||
    !hasOwnEndpoints(metadata, request)
  ) {
    throw unavailable(
      "The identity provider's discovery document is not one that this authority may publish.",
    );
  }
  return metadata;
}

async function fetchDocument(request: MetadataRequest): Promise<unknown> {
  const url = `${request.authority}/${encodeURIComponent(request.tenant)}/v2.0/.well-known/openid-configuration`;
  try {
    const response = await request.fetch(url, {
      headers: { accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(request.timeoutMilliseconds),
    });
    if (!response.ok)
      throw unavailable(
        `The identity provider answered ${response.status} for its discovery document.`,
      );
    const text = await response.text();
    return text.length > maximumDocumentCharacters
      ? undefined
      : JSON.parse(text);
  } catch (error) {
    throw error instanceof AuthError
      ? error
      : unavailable(
          "The identity provider's discovery document cannot be read.",
          error,
        );
  }
}

function parseMetadata(document: unknown): ProviderMetadata | undefined {
  if (!isRecord(document)) return undefined;
  const {
    issuer,
    authorization_endpoint,
    token_endpoint,
    jwks_uri,
    end_session_endpoint,
  } = document;
  if (
    !isUrl(authorization_endpoint) ||
    !isUrl(token_endpoint) ||
    !isUrl(jwks_uri)
  )
    return undefined;
  if (typeof issuer !== "string") return undefined;
  return {
    issuer,
    authorizationEndpoint: authorization_endpoint,
    tokenEndpoint: token_endpoint,
    jwksUri: jwks_uri,
    endSessionEndpoint: isUrl(end_session_endpoint)
      ? end_session_endpoint
      : undefined,
    requiresIssParameter:
      document["authorization_response_iss_parameter_supported"] === true,
    document,
  };
}

/** The issuer has to be the authority's own, for the tenant asked for: what stops one provider posing as another. */
function isOwnIssuer(
  issuer: string,
  { authority, tenant }: MetadataRequest,
): boolean {
  // The braces of a template are escaped in `pathname`, so a plain word stands in for the placeholder.
  const filled = issuer.replace("{tenantid}", "tenantid");
  if (!URL.canParse(filled)) return false;
  const url = new URL(filled);
  const issuerTenant = issuerPath.exec(url.pathname)?.[1];
  if (issuerTenant === undefined || url.search !== "" || url.hash !== "")
    return false;
  return (
    isOwnHost(url, new URL(authority), issuerTenant) &&
    isOwnTenant(issuer, issuerTenant, tenant)
  );
}

function isOwnHost(issuer: URL, authority: URL, issuerTenant: string): boolean {
  if (issuer.origin === authority.origin) return true;
  if (issuer.protocol !== "https:" || authority.protocol !== "https:")
    return false;
  if (issuerHosts[authority.host]?.includes(issuer.host) === true) return true;
  return (
    authority.host.endsWith(customerHost) &&
    issuer.host === `${issuerTenant}${customerHost}`
  );
}

function isOwnTenant(
  issuer: string,
  issuerTenant: string,
  tenant: string,
): boolean {
  if (tenant === "common" || tenant === "organizations")
    return isIssuerTemplate(issuer) || isGuid(issuerTenant);
  if (tenant === "consumers") return issuerTenant === consumerTenantId;
  return isGuid(tenant) ? issuerTenant === tenant : isGuid(issuerTenant);
}

/** A document fetched over https must not send secrets or people to a plain-http endpoint. */
function hasOwnEndpoints(
  metadata: ProviderMetadata,
  { authority }: MetadataRequest,
): boolean {
  const { protocol } = new URL(authority);
  const endpoints = [
    metadata.authorizationEndpoint,
    metadata.tokenEndpoint,
    metadata.jwksUri,
    metadata.endSessionEndpoint,
  ];
  return endpoints.every(
    (endpoint) =>
      endpoint === undefined ||
      protocol === "http:" ||
      new URL(endpoint).protocol === "https:",
  );
}

function isUrl(value: unknown): value is string {
  return (
    typeof value === "string" &&
    URL.canParse(value) &&
    /^https?:$/.test(new URL(value).protocol)
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unavailable(message: string, cause?: unknown): AuthError {
  return new AuthError("identity_provider_unavailable", message, { cause });
}
