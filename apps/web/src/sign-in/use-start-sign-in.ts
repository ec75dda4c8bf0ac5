import { useAuth } from "@entrada/auth/react";
import type { SignInRequest } from "@entrada/auth/react";
import { findWantedPage, rememberWantedPage } from "./wanted-page.js";

/** What a sign-in may ask for besides the page to return to. */
type Wishes = Pick<SignInRequest, "prompt" | "loginHint" | "maxAgeSeconds">;

/** Answers the function that starts a sign-in which returns to the page the visitor wants. */
export function useStartSignIn(): (wishes?: Wishes) => void {
  const { signIn } = useAuth();

  return (wishes) => {
    const returnUrl = findWantedPage();
    rememberWantedPage(returnUrl);
    void signIn({ ...wishes, returnUrl });
  };
}
