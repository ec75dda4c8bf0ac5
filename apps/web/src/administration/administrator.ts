import type { ActiveUser } from "@entrada/auth/react";

/** The app role of administrators at the identity provider; the server requires the same role. */
const administratorRole = "Admin";

/** Returns whether to show the administration. The server checks the role itself. */
export function isAdministrator(user: ActiveUser | undefined): boolean {
  return user?.roles.includes(administratorRole) ?? false;
}
