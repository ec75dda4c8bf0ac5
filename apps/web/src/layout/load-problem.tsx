import { parseAuthFailure, useAuth } from "@entrada/auth/react";
import type { AuthFailure } from "@entrada/auth/react";
import type { ReactElement } from "react";
import { explainFailure } from "../sign-in/failure-explanations.js";
import { needsSignIn, wishesAfter } from "../sign-in/sign-in-wishes.js";
import { useStartSignIn } from "../sign-in/use-start-sign-in.js";
import { ActionButton } from "../elements/action-button.js";
import { Problem } from "./notices.js";

/** Shows that a part of the page could not be loaded, with a button to try again or to sign in again. */
export function LoadProblem({
  what,
  error,
  retry,
}: {
  /** The missing part, such as "greeting". */
  readonly what: string;
  /** The error of the procedure. */
  readonly error: unknown;
  readonly retry: () => void;
}): ReactElement {
  const failure = parseAuthFailure(error);
  if (needsSignIn(failure)) return <SignInNeeded failure={failure} />;
  return (
    <Problem
      title={`The ${what} could not be loaded`}
      action={<ActionButton onClick={retry}>Try again</ActionButton>}
    >
      The service did not answer as expected.
    </Problem>
  );
}

function SignInNeeded({
  failure,
}: {
  readonly failure: AuthFailure;
}): ReactElement {
  const { isSigningIn } = useAuth();
  const startSignIn = useStartSignIn();
  const { title, what, next, button } = explainFailure(failure);
  return (
    <Problem
      title={title}
      action={
        <ActionButton
          disabledFocusable={isSigningIn}
          onClick={() => startSignIn(wishesAfter(failure))}
        >
          {button}
        </ActionButton>
      }
    >
      {what} {next}
    </Problem>
  );
}
