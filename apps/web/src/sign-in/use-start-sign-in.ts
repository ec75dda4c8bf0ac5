import { useAuth } from "@entrada/auth/react";
import type { SignInWishes } from "./sign-in-wishes.js";
import { findWantedPage, rememberWantedPage } from "./wanted-page.js";

/** Returns a function that starts a sign-in with the wanted page as return URL. */
export function useStartSignIn(): (wishes?: SignInWishes) => void {
  const { signIn } = useAuth();

  return (wishes) => {
    const returnUrl = findWantedPage();
    rememberWantedPage(returnUrl);
    void signIn({ ...wishes, returnUrl });
  };
}
