import type { Authority } from "../directory/authority.js";
import type { AppRegistration, Directory } from "../directory/directory.js";
import {
  findPlatform,
  type Platform,
  redirectUrisOf,
} from "../directory/redirect-uri.js";
import { parseScopes, type RequestedScopes } from "../directory/scopes.js";
import { AadstsError } from "./aadsts.js";

/** Parameters of a query or form, with the first value of a repeated one. */
export type Parameters = ReadonlyMap<string, string>;

const responseTypes = [
  "code",
  "id_token",
  "code id_token",
  "id_token token",
] as const;
const responseModes = ["query", "fragment", "form_post"] as const;
const prompts = [
  "login",
  "none",
  "consent",
  "select_account",
  "create",
] as const;

/** How the response is sent to the redirect URI. */
type ResponseMode = (typeof responseModes)[number];

/** Where a response may be sent. Client and redirect URI are checked. */
export interface ResponseTarget {
  readonly app: AppRegistration;
  readonly redirectUri: string;
  readonly platform: Platform;
  readonly responseMode: ResponseMode;
  readonly state: string | undefined;
}

/** A validated authorization request. */
export interface AuthorizationRequest extends ResponseTarget {
  readonly authority: Authority;
  readonly responseType: (typeof responseTypes)[number];
  readonly scope: string;
  readonly scopes: RequestedScopes;
  readonly prompt: (typeof prompts)[number] | undefined;
  readonly nonce: string | undefined;
  readonly loginHint: string | undefined;
  readonly domainHint: string | undefined;
  readonly maxAgeSeconds: number | undefined;
  readonly codeChallenge: string | undefined;
  readonly codeChallengeMethod: "S256" | "plain" | undefined;
  readonly wantsClientInfo: boolean;
  readonly wantsCloudInstance: boolean;
}

/**
 * Parses the part of an authorization request that determines where a response may be sent.
 *
 * @throws {AadstsError} 700016, 50194 or 50011, which must be shown on a page and not redirected.
 */
export function parseResponseTarget(
  directory: Directory,
  authority: Authority,
  parameters: Parameters,
): ResponseTarget {
  const app = requireApp(directory, authority, parameters.get("client_id"));
  const redirectUri = parameters.get("redirect_uri") ?? redirectUrisOf(app)[0];
  if (redirectUri === undefined) throw new AadstsError(900971);
  const platform = findPlatform(app, redirectUri);
  if (platform === undefined)
    throw new AadstsError(50011, redirectUri, app.clientId);
  const hasToken = parameters.get("response_type")?.includes("token") ?? false;
  const responseMode = responseModes.find(
    (mode) => mode === parameters.get("response_mode"),
  );
  return {
    app,
    redirectUri,
    platform,
    responseMode: responseMode ?? (hasToken ? "fragment" : "query"),
    state: parameters.get("state")?.replace(/<[^>]*>/g, ""),
  };
}

/**
 * Parses the rest of an authorization request.
 *
 * @throws {AadstsError} to send to the redirect URI.
 */
export function parseAuthorizationRequest(
  directory: Directory,
  authority: Authority,
  target: ResponseTarget,
  parameters: Parameters,
): AuthorizationRequest {
  if (parameters.has("resource")) throw new AadstsError(901002);
  const responseType = parseResponseType(target.app, parameters);
  checkResponseMode(responseType, parameters.get("response_mode"));
  const scope = requireParameter(parameters, "scope");
  if (responseType.includes("id_token")) requireParameter(parameters, "nonce");
  checkClaims(parameters.get("claims"));
  return {
    ...target,
    ...parseCodeChallenge(parameters),
    authority,
    responseType,
    scope,
    scopes: parseScopes(directory, scope),
    prompt: parsePrompt(parameters.get("prompt")),
    nonce: parameters.get("nonce"),
    loginHint: parameters.get("login_hint"),
    domainHint: parameters.get("domain_hint"),
    maxAgeSeconds: parseMaxAge(parameters.get("max_age")),
    wantsClientInfo: parameters.get("client_info") === "1",
    wantsCloudInstance: parameters.get("instance_aware") === "true",
  };
}

/**
 * Finds the app of a client ID.
 *
 * @throws {AadstsError} 900144, 700016, or 50194 if the authority does not admit the app.
 */
export function requireApp(
  directory: Directory,
  authority: Authority,
  clientId: string | undefined,
): AppRegistration {
  if (clientId === undefined || clientId === "")
    throw new AadstsError(900144, "client_id");
  const app = directory.findApp(clientId);
  const directoryName = authority.tenant?.displayName ?? authority.segment;
  if (app === undefined) throw new AadstsError(700016, clientId, directoryName);
  const audience = app.signInAudience ?? "AzureADandPersonalMicrosoftAccount";
  if (audience === "AzureADMyOrg" && authority.tenant === undefined) {
    throw new AadstsError(50194, app.clientId, app.displayName ?? app.clientId);
  }
  if (!admitsTenant(app, authority))
    throw new AadstsError(700016, clientId, directoryName);
  return app;
}

/** Returns a parameter. @throws {AadstsError} 900144 if it is absent or empty. */
export function requireParameter(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined || value.trim() === "")
    throw new AadstsError(900144, name);
  return value;
}

function admitsTenant(app: AppRegistration, { tenant }: Authority): boolean {
  if (tenant === undefined) return true;
  switch (app.signInAudience ?? "AzureADandPersonalMicrosoftAccount") {
    case "AzureADMyOrg":
      return app.tenantId === undefined || app.tenantId === tenant.tenantId;
    case "AzureADMultipleOrgs":
      return tenant.kind !== "consumer";
    case "PersonalMicrosoftAccount":
      return tenant.kind === "consumer";
    case "AzureADandPersonalMicrosoftAccount":
      return true;
  }
}

function parseResponseType(
  app: AppRegistration,
  parameters: Parameters,
): AuthorizationRequest["responseType"] {
  const given = requireParameter(parameters, "response_type");
  const sorted = given.split(" ").filter(Boolean).toSorted().join(" ");
  const responseType = responseTypes.find((type) => type === sorted);
  if (responseType === undefined) throw new AadstsError(70005, given);
  if (
    responseType.includes("id_token") &&
    !(app.enableIdTokenIssuance ?? false)
  )
    throw new AadstsError(700054);
  if (
    responseType === "id_token token" &&
    !(app.enableAccessTokenIssuance ?? false)
  )
    throw new AadstsError(700051);
  return responseType;
}

function checkResponseMode(
  responseType: string,
  mode: string | undefined,
): void {
  if (mode === undefined) return;
  const isKnown = responseModes.some((known) => known === mode);
  if (!isKnown || (mode === "query" && responseType !== "code"))
    throw new AadstsError(70007, mode);
}

function parsePrompt(
  prompt: string | undefined,
): AuthorizationRequest["prompt"] {
  if (prompt === undefined || prompt === "") return undefined;
  const known = prompts.find((value) => value === prompt);
  if (known === undefined)
    throw new AadstsError(
      90023,
      `Unsupported 'prompt' value '${prompt.slice(0, 40)}'.`,
    );
  return known;
}

function parseMaxAge(maxAge: string | undefined): number | undefined {
  if (maxAge === undefined || maxAge === "") return undefined;
  if (!/^\d{1,9}$/.test(maxAge))
    throw new AadstsError(90023, "Invalid 'max_age' value.");
  return Number(maxAge);
}

function parseCodeChallenge(
  parameters: Parameters,
): Pick<AuthorizationRequest, "codeChallenge" | "codeChallengeMethod"> {
  const codeChallenge = parameters.get("code_challenge");
  if (codeChallenge === undefined)
    return { codeChallenge, codeChallengeMethod: undefined };
  const method = parameters.get("code_challenge_method") ?? "plain";
  const isKnown = method === "S256" || method === "plain";
  if (!isKnown || !/^[A-Za-z0-9\-._~]{43,128}$/.test(codeChallenge))
    throw new AadstsError(50147);
  return { codeChallenge, codeChallengeMethod: method };
}

function checkClaims(claims: string | undefined): void {
  if (claims === undefined || claims === "") return;
  const invalid = new AadstsError(
    90023,
    "The 'claims' parameter is not a JSON object.",
  );
  let value: unknown;
  try {
    value = JSON.parse(claims);
  } catch {
    throw invalid;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid;
}
