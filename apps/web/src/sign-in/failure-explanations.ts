import type { AuthErrorCode, AuthFailure } from "@entrada/auth/react";
import { explainDenial } from "./denial-explanations.js";
import type { FailureExplanation } from "./failure-explanation.js";
import { mustWait } from "./sign-in-wishes.js";

/** Explains a failure and what the visitor can do. */
export function explainFailure(failure: AuthFailure): FailureExplanation {
  const explanation = findExplanation(failure);
  if (failure.retryAfterSeconds === undefined) return explanation;
  const way = mustWait(failure) ? "sign in from the start page" : "try again";
  return {
    ...explanation,
    next: `Wait ${formatSeconds(failure.retryAfterSeconds)}, then ${way}.`,
  };
}

function findExplanation(failure: AuthFailure): FailureExplanation {
  if (failure.code === "unreachable") return unreachable;
  if (failure.code === "authorization_denied")
    return explainDenial(failure.provider);
  if (mustWait(failure)) return throttled;
  if (blamesServerClock(failure)) return wrongClock;
  const known: Readonly<Record<string, FailureExplanation | undefined>> =
    explanations;
  // A page that was loaded before an update may receive a code that it does not know.
  return known[failure.code] ?? explanations.internal_error;
}

function blamesServerClock({ code, message }: AuthFailure): boolean {
  return code === "id_token_invalid" && message.includes("server's clock");
}

const unreachable: FailureExplanation = {
  title: "We could not reach the service",
  what: "No answer came back. Either your connection was interrupted or the service is not running.",
  next: "Check your connection, then try again.",
};

const throttled: FailureExplanation = {
  title: "Microsoft asks you to wait",
  what: "Microsoft saw too many sign-ins of your account to this service in a short time, and refuses more for a while.",
  next: "Wait a few minutes, then sign in from the start page.",
};

const wrongClock: FailureExplanation = {
  title: "The clock of this service is wrong",
  what: "Microsoft's answer could not be verified, because the server's clock does not show the right time. Your device is not the cause.",
  next: "Send the details below to the people who run this service.",
};

const explanations = {
  invalid_request: {
    title: "That sign-in could not be read",
    what: "The address that brought you here is incomplete or was changed on the way.",
    next: "Try again from here instead of a bookmark, a saved link or the back button.",
  },
  cross_site_request: {
    title: "That sign-in came from another site",
    what: "For your protection this service completes only what was started on its own pages.",
    next: "Try again from here. If it happens again, a browser extension or a proxy may be changing requests.",
  },
  rate_limited: {
    title: "Too many attempts",
    what: "There were more sign-ins from your network than we allow in a short time.",
    next: "Wait a minute, then try again.",
  },
  flow_not_found: {
    title: "That sign-in has expired",
    what: "It took too long, or it was completed already: each sign-in works once.",
    next: "Try again. If you are signed in already, go to the start page.",
  },
  browser_mismatch: {
    title: "That sign-in was started elsewhere",
    what: "It began in another browser or a private window, or the cookies of this site were deleted in between.",
    next: "Try again, and stay in this browser until it is finished. Cookies must be allowed for this site.",
  },
  admin_consent_returned: {
    title: "Your organisation approved this service",
    what: "An administrator gave the permissions that this service asked for. From now on, people of your organisation can sign in.",
    next: "You are not signed in yet. Sign in to continue.",
  },
  issuer_mismatch: {
    title: "The answer came from the wrong place",
    what: "The answer did not come from the service that was asked, so we did not accept it.",
    next: "Try again. If it happens again, tell the people who run this service.",
  },
  consent_required: {
    title: "Permission is missing",
    what: "This service needs permission to read your basic profile. In your organisation an administrator may have to give it.",
    next: "Try again and accept the request, or ask your administrator to approve this service.",
  },
  login_required: {
    title: "Microsoft needs you to sign in",
    what: "Your sign-in at Microsoft has ended, so it could not be used without asking you.",
    next: "Try again and sign in at Microsoft.",
  },
  interaction_required: {
    title: "Microsoft has a question for you",
    what: "Your organisation asks for one more step, such as confirming the sign-in on your phone.",
    next: "Continue, and follow the steps at Microsoft.",
    button: "Continue",
  },
  authorization_failed: {
    title: "Microsoft could not sign you in",
    what: "Microsoft answered with an error instead of a sign-in.",
    next: "Try again. If it happens again, send the details below to the people who run this service.",
  },
  code_rejected: {
    title: "That sign-in was no longer valid",
    what: "Microsoft did not accept the proof of your sign-in: it was too old or was used before.",
    next: "Try again; a fresh sign-in usually works.",
  },
  client_rejected: {
    title: "This service is not set up correctly",
    what: "Microsoft refused the service itself, not you. Trying again will not help until it is repaired.",
    next: "Send the details below to the people who run this service.",
  },
  id_token_invalid: {
    title: "Your sign-in could not be verified",
    what: "Microsoft's answer did not pass our checks, so we did not accept it.",
    next: "Try again. If it happens again, send the details below to the people who run this service.",
  },
  tenant_not_found: {
    title: "The organisation was not found",
    what: "Microsoft answers, but it does not know the organisation that this service is set up for. Trying again will not help until that is corrected.",
    next: "Tell the people who run this service.",
  },
  tenant_not_allowed: {
    title: "Your organisation is not allowed here",
    what: "You signed in at Microsoft, but this service is open to certain organisations only.",
    next: "Try again with another account, or ask the people who run this service to admit your organisation.",
    prompt: "select_account",
  },
  user_disabled: {
    title: "Your access is switched off",
    what: "Your account here has been disabled.",
    next: "Ask the people who run this service, or try again with another account.",
    prompt: "select_account",
  },
  sign_in_refused: {
    title: "You do not have access",
    what: "You signed in at Microsoft, but this service does not admit your account.",
    next: "Ask the people who run this service for access, or try again with another account.",
    prompt: "select_account",
  },
  not_signed_in: {
    title: "You are not signed in",
    what: "Your session has ended, or you signed out in another tab.",
    next: "Sign in again to continue.",
  },
  bearer_invalid: {
    title: "The access token was not accepted",
    what: "The request came with an access token that is not valid here.",
    next: "Send the details below to the people who run this service.",
  },
  scope_required: {
    title: "A permission is missing",
    what: "The access token of the request does not have the permission for this.",
    next: "Send the details below to the people who run this service.",
  },
  role_required: {
    title: "You do not have the role for this",
    what: "You are signed in, but this part is for people with a certain role.",
    next: "Ask your administrator for the role, then sign out and in again.",
  },
  tenant_required: {
    title: "This part belongs to another organisation",
    what: "You are signed in, but with an account of a different organisation.",
    next: "Try again with an account of that organisation.",
    prompt: "select_account",
  },
  fresh_sign_in_required: {
    title: "Please sign in again first",
    what: "For your protection this needs a sign-in of the last minutes, and yours was longer ago.",
    next: "Sign in again. Afterwards you come back to this page and can finish.",
    button: "Sign in again",
  },
  session_not_found: {
    title: "That session has already ended",
    what: "It ran out, or was ended somewhere else in the meantime.",
    next: "You do not have to do anything.",
  },
  user_not_found: {
    title: "There is no such person",
    what: "Your organisation has no user with this ID here.",
    next: "Load the page again to see who there is.",
  },
  identity_provider_unavailable: {
    title: "Microsoft cannot be reached",
    what: "Microsoft's sign-in service did not answer us.",
    next: "Wait a moment, then try again.",
  },
  store_unavailable: {
    title: "The service is not available",
    what: "Our own storage is not answering at the moment.",
    next: "Wait a moment, then try again.",
  },
  internal_error: {
    title: "Something went wrong on our side",
    what: "The service ran into an unexpected error.",
    next: "Try again. If it happens again, send the details to the people who run this service.",
  },
} as const satisfies Record<
  Exclude<AuthErrorCode, "authorization_denied">,
  FailureExplanation
>;

function formatSeconds(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}
