import type { ActiveUser, Session } from "../core/session/active-session.js";
import type { AuthActions } from "./auth-actions.js";
import type { AuthFailure } from "./auth-failure.js";

/**
 * The authentication state of the visitor.
 *
 * `loading`: not known yet. `unavailable`: the server could not be reached; it never means signed out. `user` and
 * `session` are `undefined` unless the status is `signed_in`, so either of them narrows the type.
 */
export type AuthState = SignedInState | NoUserState;

/** The state of a signed-in user. */
export interface SignedInState extends WithUser, Attempt {}

/** The state without a user: signed out, or not known. */
export interface NoUserState extends WithoutUser, Attempt {}

/** The result of `useAuth`: the state and the actions. */
export type UseAuthResult = AuthState & AuthActions;

export interface WithUser {
  readonly status: "signed_in";
  readonly user: ActiveUser;
  readonly session: Session;
}

export interface WithoutUser {
  readonly status: "loading" | "signed_out" | "unavailable";
  readonly user: undefined;
  readonly session: undefined;
}

interface Attempt {
  /** The failure of the last attempt to sign in, sign out or refresh; removed as soon as one succeeds. */
  readonly error: AuthFailure | undefined;
  /** Whether a sign-in has been initiated and the browser is about to navigate to the identity provider. */
  readonly isSigningIn: boolean;
}

/** Returns the part of the state that is about the user. */
export function withoutUser(status: WithoutUser["status"]): WithoutUser {
  return { status, user: undefined, session: undefined };
}
