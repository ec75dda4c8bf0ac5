import type { Directory, Membership, Person, Tenant } from "./directory.js";

/** A person as one tenant knows them. */
export interface Account {
  readonly person: Person;
  readonly tenant: Tenant;
  /** The membership in that tenant: object ID, groups, app roles. */
  readonly membership: Membership;
  readonly isGuest: boolean;
}

/** Names an account in stored grants; the directory may have changed when it is read again. */
export interface AccountKey {
  readonly upn: string;
  readonly tenantId: string;
}

/** Finds the person's account in a tenant. */
export function findAccount(
  directory: Directory,
  key: AccountKey,
): Account | undefined {
  const person = directory.findPerson(key.upn);
  const tenant = directory.findTenant(key.tenantId);
  if (person === undefined || tenant === undefined) return undefined;
  const membership = [person.home, ...(person.guestIn ?? [])].find(
    (entry) => entry.tenantId === key.tenantId,
  );
  if (membership === undefined) return undefined;
  return {
    person,
    tenant,
    membership,
    isGuest: person.home.tenantId !== key.tenantId,
  };
}

/** The opaque value of the `login_hint` claim, which `login_hint` and `logout_hint` take back. */
export function formatLoginHint(person: Person): string {
  const content = JSON.stringify({
    oid: person.home.objectId,
    tid: person.home.tenantId,
    upn: person.upn,
  });
  return `O.${Buffer.from(content).toString("base64url")}`;
}

/** Finds the person that a `login_hint` names, by UPN or by the opaque claim. */
export function findByLoginHint(
  directory: Directory,
  hint: string,
): Person | undefined {
  return directory.findPerson(hint) ?? findByOpaqueHint(directory, hint);
}

/** Finds the person whose opaque `login_hint` claim this is; UPNs are no valid `logout_hint`. */
export function findByOpaqueHint(
  directory: Directory,
  hint: string,
): Person | undefined {
  return directory.people.find((person) => formatLoginHint(person) === hint);
}
