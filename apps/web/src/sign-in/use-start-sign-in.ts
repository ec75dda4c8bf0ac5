import { useAuth } from "@entrada/auth/react";
import type { Prompt } from "@entrada/auth/react";
import { findWantedPage, rememberWantedPage } from "./wanted-page.js";

/** Answers the function that starts a sign-in which returns to the page the visitor wants. */
export function useStartSignIn(): (prompt?: Prompt) => void {
  const { signIn } = useAuth();

  return (prompt) => {
    const returnUrl = findWantedPage();
    rememberWantedPage(returnUrl);
    void signIn({ returnUrl, prompt });
  };
}
