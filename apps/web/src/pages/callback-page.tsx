import {
  parseAuthFailure,
  readCallbackParameters,
  useAuth,
} from "@entrada/auth/react";
import type { AuthFailure, CallbackParameters } from "@entrada/auth/react";
import { makeStyles, tokens } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import type { ReactElement } from "react";
import { ActionButton } from "../layout/action-button.js";
import { Actions } from "../layout/actions.js";
import { Waiting } from "../layout/notices.js";
import { PageLink } from "../layout/page-link.js";
import { Page } from "../layout/page.js";
import { explainFailure } from "../sign-in/failure-explanations.js";
import { FailureDetails } from "../sign-in/failure-details.js";
import { SignInPanel } from "../sign-in/sign-in-panel.js";
import { useStartSignIn } from "../sign-in/use-start-sign-in.js";
import {
  findWantedPage,
  forgetWantedPage,
  toOwnPage,
} from "../sign-in/wanted-page.js";

/** The redirect URI: completes the sign-in that Microsoft sends back here, and goes on to the page it set out from. */
export function CallbackPage(): ReactElement {
  const [parameters] = useState(() =>
    readCallbackParameters(window.location.search),
  );
  const failure = useCompletedSignIn(parameters);
  const isRepetition = useRepetition(failure);

  if (parameters === undefined) return <NothingToComplete />;
  if (failure !== undefined && !isRepetition)
    return <FailedSignIn failure={failure} />;
  return (
    <Page title="Signing in">
      <Waiting>Signing you in…</Waiting>
    </Page>
  );
}

function useCompletedSignIn(
  parameters: CallbackParameters | undefined,
): AuthFailure | undefined {
  const { completeSignIn } = useAuth();
  const [failure, setFailure] = useState<AuthFailure>();

  useEffect(() => {
    if (parameters === undefined) return undefined;
    let isMounted = true;
    void completeSignIn(parameters).then(
      ({ returnUrl }) => isMounted && leaveFor(returnUrl),
      (error: unknown) => isMounted && setFailure(parseAuthFailure(error)),
    );
    return () => {
      isMounted = false;
    };
  }, [completeSignIn, parameters]);

  return failure;
}

/**
 * Answers whether a sign-in that succeeded before was only delivered again, and then goes on as it did. The back button
 * does that: it leads to the identity provider, which repeats its answer without a word. Also while that is unclear.
 */
function useRepetition(failure: AuthFailure | undefined): boolean {
  const { status } = useAuth();
  const isUsed = failure?.code === "flow_not_found";
  const isRepetition = isUsed && status === "signed_in";

  useEffect(() => {
    if (isRepetition) leaveFor(findWantedPage());
  }, [isRepetition]);

  return isRepetition || (isUsed && status === "loading");
}

// Replaced, not assigned: the back button must not lead here. Absolute: `/.//elsewhere.test` would leave our origin.
function leaveFor(returnUrl: string): void {
  forgetWantedPage();
  window.location.replace(toOwnPage(returnUrl));
}

function FailedSignIn({
  failure,
}: {
  readonly failure: AuthFailure;
}): ReactElement {
  const { status, error, isSigningIn } = useAuth();
  const startSignIn = useStartSignIn();
  const styles = useStyles();
  const { title, what, next, prompt } = explainFailure(failure);

  return (
    <Page title={title}>
      <div role="alert" className={styles.explanation}>
        <p>{what}</p>
        <p>{next}</p>
      </div>
      <Actions>
        <ActionButton
          appearance="primary"
          disabledFocusable={isSigningIn}
          onClick={() => startSignIn({ prompt })}
        >
          Try again
        </ActionButton>
        <PageLink to="/">Go to the start page</PageLink>
      </Actions>
      {status !== "unavailable" && error && (
        <p role="alert">{explainFailure(error).what}</p>
      )}
      <FailureDetails failure={failure} />
    </Page>
  );
}

function NothingToComplete(): ReactElement {
  const { status } = useAuth();
  return (
    <Page title="No sign-in to complete">
      <p>
        Microsoft sends you to this address at the end of a sign-in. Opened by
        itself, or loaded again, it has nothing to do.
      </p>
      {status === "signed_out" && <SignInPanel />}
      <Actions>
        <PageLink to="/">Go to the start page</PageLink>
      </Actions>
    </Page>
  );
}

const useStyles = makeStyles({
  explanation: {
    display: "grid",
    rowGap: "8px",
    maxWidth: "70ch",
    fontSize: tokens.fontSizeBase400,
    lineHeight: "24px",
  },
});
