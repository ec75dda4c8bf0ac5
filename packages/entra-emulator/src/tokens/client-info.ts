import type { Person } from "../directory/directory.js";

/** Returns `client_info`: the person's object ID and tenant ID at home, from which MSAL makes `homeAccountId`. */
export function formatClientInfo(person: Person): string {
  const content = JSON.stringify({
    uid: person.home.objectId,
    utid: person.home.tenantId,
  });
  return Buffer.from(content).toString("base64url");
}
