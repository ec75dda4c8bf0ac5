import type { CallbackParameters } from "../core/sign-in/callback.js";
import type { AuthClient, SignInRequest } from "./auth-client.js";
import { meansSignedOut, parseAuthFailure } from "./auth-failure.js";
import type { AuthFailure } from "./auth-failure.js";
import { withoutUser } from "./auth-state.js";
import type { AuthState } from "./auth-state.js";
import type { AuthActions, CompletionOptions } from "./auth-actions.js";
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
export interface AuthController extends AuthActions {
  readonly getState: () => AuthState;
  readonly subscribe: (listener: () => void) => () => void;
  /** Runs the listener when the app must clear its data of the user. Returns the function that unsubscribes. */
  readonly subscribeToSignOut: (listener: () => void) => () => void;
  /** Starts to listen and reads the session once, even if called again. Returns the function that stops it. */
  readonly start: () => () => void;
}

/** The ports of a controller. */
export interface AuthControllerPorts {
  readonly client: AuthClient;
  readonly page: BrowserPage;
}

type SignOut = "logout" | "logoutEverywhere";

interface Completion {
  readonly key: string;
  readonly result: Promise<SignInResult>;
  hasFailed: boolean;
}

/** Creates a controller. It does nothing before `start`. */
export function createAuthController({
  client,
  page,
}: AuthControllerPorts): AuthController {
  const listeners = new Set<() => void>();
  const signOutListeners = new Set<() => void>();
  let state: AuthState = withoutUser("loading");
  /** The user whose data the app may hold, even while it is hidden. */
  let personId: string | undefined;
  /** A result from an earlier epoch is stale, because a sign-in or sign-out happened after the request. */
  let epoch = 0;
  let sessionRequest: Promise<void> | undefined;
  let requestedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let completion: Completion | undefined;
  /** Whether a sign-in or sign-out is in progress. Its result sets the state, so no session is read meanwhile. */
  let isBusy = false;
  /** The requested sign-out that the server has not confirmed. */
  let owedSignOut: SignOut | undefined;
  let cancelWake: (() => void) | undefined;
  let isListening = false;

  function setState(next: AuthState): void {
    state = next;
    listeners.forEach((listener) => listener());
  }

  function startEpoch(): void {
    epoch += 1;
    sessionRequest = undefined;
  }

  function forgetPerson(): void {
    if (personId === undefined) return;
    personId = undefined;
    signOutListeners.forEach((listener) => listener());
  }

  function wakeAfter(milliseconds: number, action: () => void = retry): void {
    cancelWake?.();
    if (isListening) cancelWake = page.after(milliseconds, action);
  }

  function accept(active: ActiveSession | undefined): void {
    failures = 0;
    if (personId !== active?.user.id) forgetPerson();
    if (active === undefined) {
      owedSignOut = undefined;
      cancelWake?.();
      setState({
        ...withoutUser("signed_out"),
        isSigningIn: state.isSigningIn,
      });
      return;
    }
    personId = active.user.id;
    setState({
      status: "signed_in",
      ...active,
      error: undefined,
      isSigningIn: state.isSigningIn,
    });
    wakeAfter(untilIdleMilliseconds(active.session, page.now()));
  }

  function fail(failure: AuthFailure): void {
    if (meansSignedOut(failure)) return accept(undefined);

    failures += 1;
    // During a temporary failure the user stays signed in until the session's idle timeout.
    const stays =
      state.status === "signed_in" &&
      page.now() < Date.parse(state.session.idleExpiresAt);
    const next = stays ? state : withoutUser("unavailable");
    setState({ ...next, error: failure, isSigningIn: state.isSigningIn });
    wakeAfter(untilRetryMilliseconds(failures, failure));
  }

  function readSession(): Promise<void> {
    if (isBusy) return Promise.resolve();
    sessionRequest ??= requestSession(epoch);
    return sessionRequest;
  }

  async function requestSession(requestEpoch: number): Promise<void> {
    requestedAt = page.now();
    try {
      const active = await client.me();
      if (requestEpoch === epoch) accept(active);
    } catch (error) {
      if (requestEpoch === epoch) fail(parseAuthFailure(error));
    } finally {
      if (requestEpoch === epoch) sessionRequest = undefined;
    }
  }

  function retry(): Promise<void> {
    return owedSignOut === undefined ? readSession() : leave(owedSignOut);
  }

  async function signIn(request: SignInRequest = {}): Promise<void> {
    if (state.isSigningIn) return;

    setState({ ...state, error: undefined, isSigningIn: true });
    try {
      const { authorizationUrl } = await client.login({
        ...request,
        returnUrl: request.returnUrl ?? page.address(),
      });
      page.navigate(authorizationUrl);
      // The visitor may have stopped the navigation and can press the button again.
      page.after(leavingMilliseconds, () =>
        setState({ ...state, isSigningIn: false }),
      );
    } catch (error) {
      setState({
        ...state,
        error: parseAuthFailure(error),
        isSigningIn: false,
      });
    }
  }

  async function leave(signOut: SignOut): Promise<void> {
    if (isBusy) return;

    hide();
    isBusy = true;
    owedSignOut = signOut;
    forgetPerson();
    try {
      const { logoutUrl } = await client[signOut]();
      owedSignOut = undefined;
      page.notifyTabs("signed_out");
      page.navigate(logoutUrl);
      wakeAfter(leavingMilliseconds, () => accept(undefined));
    } catch (error) {
      fail(parseAuthFailure(error));
    } finally {
      isBusy = false;
    }
  }

  function completeSignIn(
    parameters: CallbackParameters,
    { isRetry = false }: CompletionOptions = {},
  ): Promise<SignInResult> {
    const key = JSON.stringify(parameters);
    const isSent = completion?.key === key;
    const mayResend = isRetry && completion?.hasFailed === true;
    if (completion !== undefined && isSent && !mayResend)
      return completion.result;

    const sent = { key, result: complete(parameters), hasFailed: false };
    completion = sent;
    sent.result.catch(() => {
      sent.hasFailed = true;
    });
    return sent.result;
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

  function refresh(): Promise<void> {
    if (state.status === "unavailable" && !isBusy)
      setState(withoutUser("loading"));
    return retry();
  }

  function hide(): void {
    startEpoch();
    cancelWake?.();
    setState(withoutUser("loading"));
  }

  const on: Record<PageEvent, () => void> = {
    returned: () => {
      const isDue = page.now() - requestedAt >= leastPauseMilliseconds;
      if (
        state.status === "unavailable" ||
        (isDue && state.status !== "loading")
      )
        void retry();
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
      accept(undefined);
    },
  };

  return {
    getState: () => state,
    subscribe: (listener) => addListener(listeners, listener),
    subscribeToSignOut: (listener) => addListener(signOutListeners, listener),
    start: () => {
      const stopListening = page.listen((event) => on[event]());
      isListening = true;
      // React's StrictMode starts, stops and starts again: then the first request is still pending.
      if (sessionRequest === undefined) void readSession();
      return () => {
        isListening = false;
        stopListening();
        cancelWake?.();
      };
    },
    signIn,
    signOut: () => leave("logout"),
    signOutEverywhere: () => leave("logoutEverywhere"),
    completeSignIn,
    refresh,
  };
}

function addListener(
  listeners: Set<() => void>,
  listener: () => void,
): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
