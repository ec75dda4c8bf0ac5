import type { Session, ActiveUser } from "../core/session/active-session.js";
import type { AuthFailure } from "./auth-failure.js";

/**
 * What is known about the visitor.
 *
 * `loading`: not known yet; show neither side. `unavailable`: it could not be found out, which never means signed out.
 * `user` and `session` are `undefined` unless somebody is signed in, so either of them narrows the type.
 */
export type AuthState = SignedInState | NobodyState;

/** Somebody is signed in. */
export interface SignedInState extends Attempt {
  readonly status: "signed_in";
  readonly user: ActiveUser;
  readonly session: Session;
}

/** Nobody is signed in, or nobody knows. */
export interface NobodyState extends Attempt {
  readonly status: "loading" | "signed_out" | "unavailable";
  readonly user: undefined;
  readonly session: undefined;
}

interface Attempt {
  /** Why the last attempt to sign in, sign out or refresh failed; gone as soon as one succeeds. */
  readonly error: AuthFailure | undefined;
  /** Whether a sign-in has been initiated and the browser is about to leave for the identity provider. */
  readonly isSigningIn: boolean;
}

/** Returns the state in which nobody is known. */
export function nobody(
  status: NobodyState["status"],
  error?: AuthFailure,
): NobodyState {
  return {
    status,
    user: undefined,
    session: undefined,
    error,
    isSigningIn: false,
  };
}
