import { useContext } from "react";
import { UseAuthContext } from "./auth-provider.js";
import type { UseAuthResult } from "./auth-provider.js";

/**
 * Returns the authentication state and the actions.
 *
 * @example
 * const { user, signIn, signOut } = useAuth();
 * if (user === undefined) return <button onClick={() => signIn()}>Sign in</button>;
 * return <button onClick={() => signOut()}>Sign out {user.name}</button>;
 *
 * @throws {Error} outside an `AuthProvider`.
 */
export function useAuth(): UseAuthResult {
  const auth = useContext(UseAuthContext);
  if (auth === undefined)
    throw new Error(
      "useAuth needs an <AuthProvider> around the component that calls it.",
    );
  return auth;
}
