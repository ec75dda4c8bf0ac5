import type { AppRegistration, Person } from "../directory/directory.js";
import {
  GRAPH,
  openIdScopes,
  type RequestedScopes,
} from "../directory/scopes.js";

const MAXIMUM_SCOPES = 200;
const INITIAL_SCOPES: readonly string[] = [
  ...openIdScopes,
  `${GRAPH}/User.Read`,
];

/** The scopes that people have granted to apps. */
export interface Consents {
  granted(person: Person, app: AppRegistration): readonly string[];
  grant(
    person: Person,
    app: AppRegistration,
    fullNames: readonly string[],
  ): void;
  /**
   * Revokes all scopes of the person, initial ones included; without a person, those that all people granted since the
   * start.
   */
  revoke(person?: Person): void;
}

/**
 * Creates the record of consents. Initially all people except those with `consented: false` have granted the basic
 * scopes.
 */
export function createConsents(): Consents {
  const grants = new Map<string, readonly string[]>();
  const revoked = new Set<string>();

  const initial = (person: Person): readonly string[] =>
    person.consented === false || revoked.has(person.upn) ? [] : INITIAL_SCOPES;
  const granted = (person: Person, app: AppRegistration): readonly string[] =>
    grants.get(key(person, app)) ?? initial(person);

  return {
    granted,
    grant: (person, app, fullNames) => {
      const all = [...new Set([...granted(person, app), ...fullNames])];
      grants.set(key(person, app), all.slice(-MAXIMUM_SCOPES));
    },
    revoke: (person) => {
      if (person === undefined) return grants.clear();
      revoked.add(person.upn);
      for (const name of grants.keys())
        if (name.startsWith(`${person.upn} `)) grants.delete(name);
    },
  };
}

/** Returns the requested scopes, by full name, that are not granted yet. */
export function missingScopes(
  granted: readonly string[],
  requested: RequestedScopes,
): readonly string[] {
  const openId = requested.openId.filter((name) => !granted.includes(name));
  const others = requested.resources.flatMap(({ resource, names }) =>
    names.flatMap((name) =>
      expandDefault(granted, resource.id, resource.app, name),
    ),
  );
  return [...openId, ...others.filter((name) => !granted.includes(name))];
}

// `.default` needs consent only if no scope of the resource is granted yet, and then for all scopes of its
// registration.
function expandDefault(
  granted: readonly string[],
  resourceId: string,
  app: AppRegistration | undefined,
  name: string,
): readonly string[] {
  if (name !== ".default") return [`${resourceId}/${name}`];
  if (granted.some((scope) => scope.startsWith(`${resourceId}/`))) return [];
  const names = app === undefined ? ["User.Read"] : (app.api?.scopes ?? []);
  return names.map((scope) => `${resourceId}/${scope}`);
}

function key(person: Person, app: AppRegistration): string {
  return `${person.upn} ${app.clientId}`;
}
