import type { SignInResult } from "../core/session/active-session.js";
import type { CallbackParameters } from "../core/sign-in/callback.js";
import type { SignInRequest } from "./auth-client.js";

/** How `completeSignIn` treats parameters that it has sent before. */
export interface CompletionOptions {
  /** Sends the parameters again if the last attempt failed. Without it, the outcome of that attempt is returned. */
  readonly isRetry?: boolean | undefined;
}

/** What the visitor can do. The functions are stable, bound and never reject, `completeSignIn` excepted. */
export interface AuthActions {
  /**
   * Initiates a flow and leaves for the identity provider. While that is under way, further calls do nothing. A
   * failure becomes `error`.
   */
  readonly signIn: (request?: SignInRequest) => Promise<void>;

  /**
   * Forgets who is signed in, ends the session, and leaves for the identity provider's sign-out. If the server cannot
   * be reached the session may still be alive: the status is `unavailable`, and the next attempt ends it.
   */
  readonly signOut: () => Promise<void>;

  /** Does what `signOut` does, and ends the person's sessions in all their other browsers as well. */
  readonly signOutEverywhere: () => Promise<void>;

  /**
   * Completes the flow: takes the parameters off the address bar and the history, sends them once however often it is
   * called with them, and returns where to go. Rejects with the client's error, which `parseAuthFailure` reads.
   *
   * Keep the parameters in memory: after a failure for which `canRetryCallback` returns `true`, pass the same ones again
   * with `isRetry`.
   */
  readonly completeSignIn: (
    parameters: CallbackParameters,
    options?: CompletionOptions,
  ) => Promise<SignInResult>;

  /** Asks the server again who is signed in. */
  readonly refresh: () => Promise<void>;
}
