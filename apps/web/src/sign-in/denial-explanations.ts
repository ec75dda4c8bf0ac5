import type { ProviderError } from "@entrada/auth/react";
import type { FailureExplanation } from "./failure-explanation.js";

/**
 * Explains `authorization_denied`. Microsoft sends it both if the user cancelled and if a rule refused the sign-in; the
 * explanation mentions a cancellation only if Microsoft's error names it.
 */
export function explainDenial(
  provider: ProviderError | undefined,
): FailureExplanation {
  const { suberror, aadsts } = provider ?? {};
  if (suberror === "cancel" || aadsts === declinedConsent) return cancelled;
  if (aadsts === undefined)
    return suberror === "message_only" ? refused : stopped;
  return causes.get(aadsts) ?? refused;
}

const declinedConsent = "AADSTS65004";

const cancelled = {
  title: "Sign-in was cancelled",
  what: "You stopped the sign-in at Microsoft. Nothing was shared with us.",
  next: "Try again if you want to sign in after all.",
  prompt: "select_account",
} as const;

const stopped = {
  title: "The sign-in was not finished",
  what: "Microsoft sent you back without a sign-in. Nothing was shared with us.",
  next: "Try again if you want to sign in. If it happens again, ask your administrator.",
  prompt: "select_account",
} as const;

const refused = {
  title: "Your organisation did not allow this sign-in",
  what: "A rule of your organisation stopped it at Microsoft. The rule may be about your account, your device or the place you sign in from.",
  next: "Ask your administrator, or try again with another account.",
  prompt: "select_account",
} as const;

const foreignAccount = {
  title: "Your account does not belong here",
  what: "You signed in at Microsoft, but the organisation that this service belongs to does not know your account.",
  next: "Try again with another account, or ask the organisation to invite you as a guest.",
  prompt: "select_account",
} as const;

const notAssigned = {
  title: "You have not been given access",
  what: "Your organisation opens this service to certain people only, and your account is not among them.",
  next: "Ask your administrator to assign you to this service, or try again with another account.",
  prompt: "select_account",
} as const;

const disabledAccount = {
  title: "Your account is locked or disabled",
  what: "Microsoft, or your organisation, does not let this account sign in at the moment.",
  next: "Ask your administrator, or try again with another account.",
  prompt: "select_account",
} as const;

const causes = new Map<string, FailureExplanation>([
  ["AADSTS50020", foreignAccount],
  ["AADSTS50034", foreignAccount],
  ["AADSTS50177", foreignAccount],
  ["AADSTS51004", foreignAccount],
  ["AADSTS90072", foreignAccount],
  ["AADSTS50053", disabledAccount],
  ["AADSTS50057", disabledAccount],
  ["AADSTS50105", notAssigned],
  ["AADSTS501051", notAssigned],
]);
