import { AadstsError } from "../protocol/aadsts.js";
import type { AppRegistration, Directory } from "./directory.js";

/** OpenID Connect scopes that Entra ID supports. */
export const openIdScopes = [
  "openid",
  "profile",
  "email",
  "offline_access",
] as const;

/** Microsoft Graph's identifier in scopes. */
export const GRAPH = "https://graph.microsoft.com";
const GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000";
const GRAPH_SCOPE = /^[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)+$/;

/** An API that access tokens are for. */
export interface Resource {
  /** Its identifier URI, as in `scope` of the token response. */
  readonly id: string;
  /** Its app registration; Microsoft Graph has none here. */
  readonly app: AppRegistration | undefined;
}

/** The requested scopes of one resource. */
export interface ResourceScopes {
  readonly resource: Resource;
  readonly names: readonly string[];
}

/** A parsed `scope` parameter. */
export interface RequestedScopes {
  readonly openId: readonly string[];
  readonly resources: readonly ResourceScopes[];
}

/**
 * Parses a `scope` parameter.
 *
 * @throws {AadstsError} 70011 if a scope is malformed or unknown, 500011 if its resource is unknown.
 */
export function parseScopes(
  directory: Directory,
  scope: string,
): RequestedScopes {
  const values = [...new Set(scope.split(" ").filter((value) => value !== ""))];
  const openId = openIdScopes.filter((name) => values.includes(name));
  const resources = new Map<string, ResourceScopes>();
  for (const value of values) {
    if (openIdScopes.some((name) => name === value)) continue;
    const { resource, name } = parseResourceScope(directory, value);
    const names = [...(resources.get(resource.id)?.names ?? []), name];
    if (names.includes(".default") && names.length > 1)
      throw new AadstsError(70011, value);
    resources.set(resource.id, { resource, names });
  }
  return { openId, resources: [...resources.values()] };
}

/** Returns the scopes as full names: OpenID Connect scopes unchanged, others prefixed with their resource. */
export function fullNames(scopes: RequestedScopes): readonly string[] {
  return [...scopes.openId, ...scopes.resources.flatMap(resourceNames)];
}

/** Returns the full names of the scopes of one resource. */
function resourceNames({ resource, names }: ResourceScopes): readonly string[] {
  return names.map((name) => `${resource.id}/${name}`);
}

/** Returns Microsoft Graph as a resource. */
export function graphResource(): Resource {
  return { id: GRAPH, app: undefined };
}

/** Finds a resource by identifier URI or client ID. */
function findResource(directory: Directory, id: string): Resource | undefined {
  if (id === GRAPH || id === GRAPH_APP_ID) return graphResource();
  const app = directory.apps.find(
    (candidate) => id === identifierUri(candidate) || id === candidate.clientId,
  );
  return app === undefined ? undefined : { id, app };
}

function parseResourceScope(
  directory: Directory,
  value: string,
): { resource: Resource; name: string } {
  const slash = value.lastIndexOf("/");
  // `https://resource.test//.default` requests the resource `https://resource.test/`.
  const id = slash === -1 ? GRAPH : value.slice(0, slash);
  const name = value.slice(slash + 1);
  const resource =
    findResource(directory, id) ??
    findResource(directory, id.replace(/\/$/, ""));
  if (resource === undefined)
    throw slash > 0 && URL.canParse(id)
      ? unknownResource(id)
      : new AadstsError(70011, value);
  if (!isKnownName(resource, name)) throw new AadstsError(70011, value);
  return { resource, name };
}

function unknownResource(id: string): AadstsError {
  return new AadstsError(500011, id, "the directory");
}

function isKnownName(resource: Resource, name: string): boolean {
  if (name === ".default") return true;
  if (resource.app === undefined)
    return name.length <= 100 && GRAPH_SCOPE.test(name);
  return resource.app.api?.scopes.includes(name) ?? false;
}

function identifierUri(app: AppRegistration): string {
  return app.api?.identifierUri ?? `api://${app.clientId}`;
}
