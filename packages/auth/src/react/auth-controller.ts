import type { CallbackParameters } from "../core/sign-in/callback.js";
import type { AuthClient } from "./auth-client.js";
import { meansSignedOut, parseAuthFailure } from "./auth-failure.js";
import type { AuthFailure } from "./auth-failure.js";
import { withoutUser } from "./auth-state.js";
import type { UseAuthResult, WithUser, WithoutUser } from "./auth-state.js";
import type { BrowserPage, PageEvent } from "./browser-page.js";
import {
  leastPauseMilliseconds,
  leavingMilliseconds,
  untilIdleMilliseconds,
  untilRetryMilliseconds,
} from "./schedule.js";
import type {
  ActiveSession,
  SignInResult,
} from "../core/session/active-session.js";

/** Holds the authentication state for `AuthProvider`. */
export interface AuthController {
  /** Returns the state and the actions. It is another object after each change. */
  readonly getState: () => UseAuthResult;
  /**
   * Starts to listen and reads the session, and calls the listener after each change. Returns the function that stops it.
   * There is one listener, and the session is read once even if this is called again.
   */
  readonly start: (listener: () => void) => () => void;
  /** Sets the function that runs when the app must clear its data of the user. */
  readonly setOnSignedOut: (listener: (() => void) | undefined) => void;
}

/** The ports of a controller. */
export interface AuthControllerPorts {
  readonly client: AuthClient;
  readonly page: BrowserPage;
}

type SignOut = "logout" | "logoutEverywhere";

/** Creates a controller. It does nothing before `start`. */
export function createAuthController({
  client,
  page,
}: AuthControllerPorts): AuthController {
  let listener: (() => void) | undefined;
  let onSignedOut: (() => void) | undefined;
  /** The user whose data the app may hold, even while it is hidden. */
  let personId: string | undefined;
  /** A result from an earlier epoch is stale, because a sign-in or sign-out happened after the request. */
  let epoch = 0;
  let sessionRequest: Promise<void> | undefined;
  let requestedAt = 0;
  let failures = 0;
  /** The last callback that was sent, its result, and the result again if it has failed. */
  let sentKey: string | undefined;
  let sent: Promise<SignInResult> | undefined;
  let failed: Promise<SignInResult> | undefined;
  /** Whether a sign-in or sign-out is in progress. Its result sets the state, so no session is read meanwhile. */
  let isBusy = false;
  /** The requested sign-out that the server has not confirmed. */
  let owedSignOut: SignOut | undefined;
  let cancelWake: (() => void) | undefined;

  let state: UseAuthResult = {
    ...withoutUser("loading"),
    error: undefined,
    isSigningIn: false,
    signIn: async (request = {}) => {
      if (state.isSigningIn) return;

      show(state, undefined, true);
      try {
        const { authorizationUrl } = await client.login({
          ...request,
          returnUrl: request.returnUrl ?? page.address(),
        });
        page.navigate(authorizationUrl);
        // The visitor may have stopped the navigation and can press the button again.
        page.after(leavingMilliseconds, () => show(state, state.error, false));
      } catch (error) {
        show(state, parseAuthFailure(error), false);
      }
    },
    signOut: () => leave("logout"),
    signOutEverywhere: () => leave("logoutEverywhere"),
    completeSignIn: (parameters, { isRetry } = {}) => {
      const key = JSON.stringify(parameters);
      if (!sent || key !== sentKey || (isRetry && sent === failed)) {
        const result = complete(parameters);
        sentKey = key;
        sent = result;
        result.catch(() => {
          failed = result;
        });
      }
      return sent;
    },
    refresh: () => {
      if (state.status === "unavailable" && !isBusy)
        show(withoutUser("loading"));
      return retry();
    },
  };

  function show(
    next: WithUser | WithoutUser,
    error?: AuthFailure,
    isSigningIn = state.isSigningIn,
  ): void {
    state = { ...state, ...next, error, isSigningIn };
    listener?.();
  }

  function hide(): void {
    startEpoch();
    cancelWake?.();
    show(withoutUser("loading"), undefined, false);
  }

  function startEpoch(): void {
    epoch += 1;
    sessionRequest = undefined;
  }

  function changePerson(id?: string): void {
    const earlier = personId;
    personId = id;
    if (earlier && earlier !== id) onSignedOut?.();
  }

  function wakeAfter(milliseconds: number, action: () => void = retry): void {
    cancelWake?.();
    if (listener) cancelWake = page.after(milliseconds, action);
  }

  function accept(active?: ActiveSession): void {
    failures = 0;
    changePerson(active?.user.id);
    if (active) {
      show({ status: "signed_in", ...active });
      wakeAfter(untilIdleMilliseconds(active.session, page.now()));
    } else {
      owedSignOut = undefined;
      cancelWake?.();
      show(withoutUser("signed_out"));
    }
  }

  function fail(error: unknown): void {
    const failure = parseAuthFailure(error);
    if (meansSignedOut(failure)) return accept();

    failures += 1;
    // During a temporary failure the user stays signed in until the session's idle timeout.
    const stays =
      state.session && page.now() < Date.parse(state.session.idleExpiresAt);
    show(stays ? state : withoutUser("unavailable"), failure);
    wakeAfter(untilRetryMilliseconds(failures, failure));
  }

  async function readSession(): Promise<void> {
    if (!isBusy) await (sessionRequest ??= requestSession(epoch));
  }

  async function requestSession(requestEpoch: number): Promise<void> {
    requestedAt = page.now();
    try {
      const active = await client.me();
      if (requestEpoch === epoch) accept(active);
    } catch (error) {
      if (requestEpoch === epoch) fail(error);
    } finally {
      if (requestEpoch === epoch) sessionRequest = undefined;
    }
  }

  function retry(): Promise<void> {
    return owedSignOut ? leave(owedSignOut) : readSession();
  }

  async function leave(signOut: SignOut): Promise<void> {
    if (isBusy) return;

    hide();
    isBusy = true;
    owedSignOut = signOut;
    changePerson();
    try {
      const { logoutUrl } = await client[signOut]();
      owedSignOut = undefined;
      page.notifyTabs("signed_out");
      page.navigate(logoutUrl);
      wakeAfter(leavingMilliseconds, () => accept());
    } catch (error) {
      fail(error);
    } finally {
      isBusy = false;
    }
  }

  async function complete(
    parameters: CallbackParameters,
  ): Promise<SignInResult> {
    page.removeQuery();
    const earlierRequest = sessionRequest;
    hide();
    isBusy = true;
    try {
      // Its response may remove the cookie of an ended session, and must not remove the new cookie.
      await earlierRequest;
      const completed = await client.callback(parameters);
      owedSignOut = undefined;
      page.notifyTabs("signed_in");
      return completed;
    } finally {
      isBusy = false;
      // After a failure, too: the previous session still exists.
      void readSession();
    }
  }

  const on: Record<PageEvent, () => void> = {
    returned: () => {
      const isDue =
        state.status === "unavailable" ||
        page.now() - requestedAt >= leastPauseMilliseconds;
      if (isDue && state.status !== "loading") void retry();
    },
    frozen: hide,
    restored: () => {
      hide();
      void retry();
    },
    signed_in_elsewhere: () => {
      // The new sign-in replaces the unconfirmed sign-out.
      owedSignOut = undefined;
      startEpoch();
      void readSession();
    },
    signed_out_elsewhere: () => {
      startEpoch();
      accept();
    },
  };

  return {
    getState: () => state,
    start: (given) => {
      const stopListening = page.listen((event) => on[event]());
      listener = given;
      // React's StrictMode starts, stops and starts again: then the first request is still pending, and serves both.
      void readSession();
      return () => {
        listener = undefined;
        onSignedOut = undefined;
        stopListening();
        cancelWake?.();
      };
    },
    setOnSignedOut: (given) => void (onSignedOut = given),
  };
}
