import type { SignInResult } from "../core/session/active-session.js";
import type { CallbackParameters } from "../core/sign-in/callback.js";
import type { SignInRequest } from "./auth-client.js";

/** The options of `completeSignIn`. */
export interface CompletionOptions {
  /** Sends the parameters again if the last attempt failed. Otherwise the result of that attempt is returned. */
  readonly isRetry?: boolean | undefined;
}

/** The actions of the visitor. The functions are stable and bound, and never reject, except `completeSignIn`. */
export interface AuthActions {
  /**
   * Initiates a flow and navigates to the identity provider. Further calls in the meantime do nothing. A failure is
   * reported in `error`.
   */
  readonly signIn: (request?: SignInRequest) => Promise<void>;

  /**
   * Clears the state, ends the session, and navigates to the identity provider's sign-out. If the server cannot be
   * reached, the session may still be active: the status is `unavailable`, and the next attempt ends the session.
   */
  readonly signOut: () => Promise<void>;

  /** Does what `signOut` does, and also ends the user's sessions in all other browsers. */
  readonly signOutEverywhere: () => Promise<void>;

  /**
   * Completes the flow: removes the parameters from the address bar and the history, sends them, and returns the page
   * to navigate to. Repeated calls with the same parameters send them only once. Rejects with the client's error, which
   * `parseAuthFailure` reads.
   *
   * Keep the parameters in memory: after a failure for which `canRetryCallback` returns `true`, pass them again with
   * `isRetry`.
   */
  readonly completeSignIn: (
    parameters: CallbackParameters,
    options?: CompletionOptions,
  ) => Promise<SignInResult>;

  /** Reads the active session from the server again. */
  readonly refresh: () => Promise<void>;
}
