import {
  createContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import type { ReactElement, ReactNode } from "react";
import { createAuthController } from "./auth-controller.js";
import type { AuthActions } from "./auth-actions.js";
import type { AuthClient } from "./auth-client.js";
import type { AuthState } from "./auth-state.js";
import { createBrowserPage } from "./browser-page.js";
import type { BrowserPage } from "./browser-page.js";

/** The result of `useAuth`: the state and the actions. */
export type UseAuthResult = AuthState & AuthActions;

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

/** The context that passes the state from the provider to `useAuth`. */
export const UseAuthContext = createContext<UseAuthResult | undefined>(
  undefined,
);

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
  const state = useSyncExternalStore(
    controller.subscribe,
    controller.getState,
    controller.getState,
  );
  const auth = useMemo(() => {
    const { signIn, signOut, signOutEverywhere, completeSignIn, refresh } =
      controller;
    const actions: AuthActions = {
      signIn,
      signOut,
      signOutEverywhere,
      completeSignIn,
      refresh,
    };
    return { ...state, ...actions };
  }, [state, controller]);

  useEffect(
    () => onSignedOut && controller.subscribeToSignOut(onSignedOut),
    [controller, onSignedOut],
  );
  useEffect(() => controller.start(), [controller]);

  return (
    <UseAuthContext.Provider value={auth}>{children}</UseAuthContext.Provider>
  );
}
