import { AuthError } from "../error.js";
import type { ActiveSession } from "./active-session.js";

/** @throws {AuthError} `role_required` if the user has none of these app roles. */
export function requireAnyRole(
  { user }: ActiveSession,
  roles: readonly string[],
): void {
  if (roles.some((role) => user.roles.includes(role))) return;
  throw new AuthError(
    "role_required",
    "Your account lacks the required role.",
    { userId: user.id },
  );
}

/** @throws {AuthError} `tenant_required` if the user is of another organisation. */
export function requireTenant({ user }: ActiveSession, tenantId: string): void {
  if (user.tenantId === tenantId) return;
  throw new AuthError(
    "tenant_required",
    "This is for members of another organisation.",
    { userId: user.id },
  );
}
