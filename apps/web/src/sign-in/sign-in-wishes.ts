import type { AuthFailure, SignInRequest } from "@entrada/auth/react";

/** The parameters of a sign-in other than the return URL. */
export type SignInWishes = Pick<
  SignInRequest,
  "prompt" | "loginHint" | "maxAgeSeconds" | "claims"
>;

/** Returns the parameters that a new sign-in needs so that it does not fail for the same reason. */
export function wishesAfter({
  claims,
  maxAgeSeconds,
}: AuthFailure): SignInWishes {
  return { claims, maxAgeSeconds };
}

/** Returns whether a new sign-in, which the user starts with a click, can solve the failure. */
export function needsSignIn(failure: AuthFailure | undefined): boolean {
  return (
    failure?.code === "fresh_sign_in_required" ||
    failure?.code === "interaction_required"
  );
}

/** Returns whether Microsoft throttles sign-ins, so that another attempt would only extend the wait. */
export function mustWait({ code, provider }: AuthFailure): boolean {
  return code === "rate_limited" && provider !== undefined;
}
