import type { Directory, Membership, Person, Tenant } from "./directory.js";

/** A person's account in one tenant. */
export interface Account {
  readonly person: Person;
  readonly tenant: Tenant;
  /** The membership in that tenant: object ID, groups, app roles. */
  readonly membership: Membership;
  readonly isGuest: boolean;
}

/** The key of an account in stored grants. The directory may have changed when the account is looked up again. */
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

/** Returns the opaque value of the `login_hint` claim, which the parameters `login_hint` and `logout_hint` accept. */
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

/** Finds the person by the opaque `login_hint` claim. A UPN is not a valid `logout_hint`. */
export function findByOpaqueHint(
  directory: Directory,
  hint: string,
): Person | undefined {
  return directory.people.find((person) => formatLoginHint(person) === hint);
}
