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

/** The result of `useAuth`: the user's state, and what the visitor can do. */
export type UseAuthResult = AuthState & AuthActions;

/** The properties of `AuthProvider`. */
export interface AuthProviderProps {
  /** Speaks to the server. The first one counts for as long as the provider is mounted. */
  readonly client: AuthClient;
  readonly children?: ReactNode | undefined;
  /**
   * Runs whenever what the app holds in memory about a person has to go: they signed out here or in another tab, their
   * session ended, or somebody else signed in. Clear query caches here.
   */
  readonly onSignedOut?: (() => void) | undefined;
  /** The browser page; another one in tests. The first one counts, as with `client`. */
  readonly page?: BrowserPage | undefined;
}

/** Passes the state from the provider to `useAuth`. */
export const UseAuthContext = createContext<UseAuthResult | undefined>(
  undefined,
);

/**
 * Knows who is signed in, for everything inside it.
 *
 * It asks the server once when it is mounted, and again when the visitor returns to the page, when the network is back,
 * when the page comes out of the back/forward cache, when the session would end by itself, and when another tab signs in.
 * Not being able to ask is never taken for being signed out.
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
