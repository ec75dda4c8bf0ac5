import { useAuth } from "@entrada/auth/react";
import type { SignInWishes } from "./sign-in-wishes.js";
import { findWantedPage, rememberWantedPage } from "./wanted-page.js";

/** Returns the function that starts a sign-in which returns to the page the visitor wants. */
export function useStartSignIn(): (wishes?: SignInWishes) => void {
  const { signIn } = useAuth();

  return (wishes) => {
    const returnUrl = findWantedPage();
    rememberWantedPage(returnUrl);
    void signIn({ ...wishes, returnUrl });
  };
}
