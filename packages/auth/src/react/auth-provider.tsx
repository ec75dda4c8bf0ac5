import {
  createContext,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import type { ReactElement, ReactNode } from "react";
import { createAuthController } from "./auth-controller.js";
import type { AuthClient } from "./auth-client.js";
import type { UseAuthResult } from "./auth-state.js";
import { createBrowserPage } from "./browser-page.js";
import type { BrowserPage } from "./browser-page.js";

/** The properties of `AuthProvider`. */
export interface AuthProviderProps {
  /** Calls the server. The provider keeps the first one for as long as it is mounted. */
  readonly client: AuthClient;
  readonly children?: ReactNode | undefined;
  /**
   * Runs when the app must clear its data of the user: the user signed out here or in another tab, the session ended,
   * or another user signed in. Clear query caches here.
   */
  readonly onSignedOut?: (() => void) | undefined;
  /** The browser page; replace it in tests. The provider keeps the first one, as with `client`. */
  readonly page?: BrowserPage | undefined;
}

const AuthContext = createContext<UseAuthResult | undefined>(undefined);

/**
 * Provides the state and the actions to its children.
 *
 * It reads the session when it is mounted, and again when the visitor returns to the page, when the network is back,
 * when the page is restored from the back/forward cache, at the idle timeout, and when another tab signs in. If the
 * session cannot be read, the status is `unavailable`, never `signed_out`.
 */
export function AuthProvider({
  client,
  children,
  onSignedOut,
  page,
}: AuthProviderProps): ReactElement {
  const [controller] = useState(() =>
    createAuthController({ client, page: page ?? createBrowserPage() }),
  );
  const auth = useSyncExternalStore(
    controller.start,
    controller.getState,
    controller.getState,
  );
  useEffect(
    () => controller.setOnSignedOut(onSignedOut),
    [controller, onSignedOut],
  );

  return <AuthContext.Provider value={auth}>{children}</AuthContext.Provider>;
}

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
  const auth = useContext(AuthContext);
  if (!auth) throw new Error("useAuth needs an AuthProvider.");
  return auth;
}
