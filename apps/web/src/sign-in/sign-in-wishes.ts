import type { AuthFailure, SignInRequest } from "@entrada/auth/react";

/** What a sign-in may ask for besides the page to return to. */
export type SignInWishes = Pick<
  SignInRequest,
  "prompt" | "loginHint" | "maxAgeSeconds" | "claims"
>;

/** Returns what a sign-in has to ask for, so that it does not fail for the same reason again. */
export function wishesAfter({
  claims,
  maxAgeSeconds,
}: AuthFailure): SignInWishes {
  return { claims, maxAgeSeconds };
}

/** Returns whether the person can have what was refused by signing in once more. A person decides that, by a click. */
export function needsSignIn(failure: AuthFailure | undefined): boolean {
  return (
    failure?.code === "fresh_sign_in_required" ||
    failure?.code === "interaction_required"
  );
}

/** Returns whether Microsoft itself refuses more sign-ins for now: one that starts at once makes the wait longer. */
export function mustWait({ code, provider }: AuthFailure): boolean {
  return code === "rate_limited" && provider !== undefined;
}
