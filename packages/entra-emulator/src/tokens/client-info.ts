import type { Person } from "../directory/directory.js";

/**
 * Returns `client_info`: object ID and tenant ID in the person's home tenant, from which MSAL derives `homeAccountId`.
 */
export function formatClientInfo(person: Person): string {
  const content = JSON.stringify({
    uid: person.home.objectId,
    utid: person.home.tenantId,
  });
  return Buffer.from(content).toString("base64url");
}
