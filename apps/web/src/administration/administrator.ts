import type { ActiveUser } from "@entrada/auth/react";

/** The app role that administrators have at the identity provider; the server asks for the same one. */
const administratorRole = "Admin";

/** Returns whether to offer what administrators do. The server decides for itself whether to let them do it. */
export function isAdministrator(user: ActiveUser | undefined): boolean {
  return user?.roles.includes(administratorRole) ?? false;
}
