import {
  canRetryCallback,
  parseAuthFailure,
  readCallbackParameters,
  useAuth,
} from "@entrada/auth/react";
import type { AuthFailure, CallbackParameters } from "@entrada/auth/react";
import { makeStyles, tokens } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import type { ReactElement } from "react";
import { ActionButton } from "../elements/action-button.js";
import { Actions } from "../elements/actions.js";
import { Waiting } from "../layout/notices.js";
import { PageLink } from "../elements/page-link.js";
import { Page } from "../layout/page.js";
import { explainFailure } from "../sign-in/failure-explanations.js";
import { FailureDetails } from "../sign-in/failure-details.js";
import { mustWait, wishesAfter } from "../sign-in/sign-in-wishes.js";
import { SignInPanel } from "../sign-in/sign-in-panel.js";
import { useStartSignIn } from "../sign-in/use-start-sign-in.js";
import {
  findWantedPage,
  forgetWantedPage,
  toOwnPage,
} from "../sign-in/wanted-page.js";

/** The page at the redirect URI: completes the sign-in and navigates to its return URL. */
export function CallbackPage(): ReactElement {
  const [parameters] = useState(() =>
    readCallbackParameters(window.location.search),
  );
  const { failure, isRetrying, retry } = useCompletedSignIn(parameters);
  const isRepetition = useRepetition(failure);

  if (parameters === undefined) return <NothingToComplete />;
  if (failure?.code === "admin_consent_returned")
    return <AdminConsent failure={failure} />;
  if (failure !== undefined && !isRepetition)
    return (
      <FailedSignIn failure={failure} isRetrying={isRetrying} retry={retry} />
    );
  return (
    <Page title="Signing in">
      <Waiting>Signing you in…</Waiting>
    </Page>
  );
}

interface Completion {
  /** The failure of the last completed attempt. */
  readonly failure: AuthFailure | undefined;
  readonly isRetrying: boolean;
  /** Sends the same parameters again. They exist in memory only and are no longer in the address bar. */
  readonly retry: () => void;
}

function useCompletedSignIn(
  parameters: CallbackParameters | undefined,
): Completion {
  const { completeSignIn } = useAuth();
  const [retries, setRetries] = useState(0);
  const [failed, setFailed] = useState<{ failure: AuthFailure; at: number }>();

  useEffect(() => {
    if (parameters === undefined) return undefined;
    let isMounted = true;
    void completeSignIn(parameters, { isRetry: retries > 0 }).then(
      ({ returnUrl }) => isMounted && leaveFor(returnUrl),
      (error: unknown) =>
        isMounted &&
        setFailed({ failure: parseAuthFailure(error), at: retries }),
    );
    return () => {
      isMounted = false;
    };
  }, [completeSignIn, parameters, retries]);

  return {
    failure: failed?.failure,
    isRetrying: failed !== undefined && failed.at < retries,
    retry: () => failed && setRetries(failed.at + 1),
  };
}

/**
 * Returns whether the callback may be a repetition of a successful one, and then navigates to the wanted page. The back
 * button causes that: it opens the identity provider, which redirects here again. True also while the session is
 * loading.
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

// `replace`, so that the back button does not lead here. The URL is absolute, because `/.//elsewhere.test` would leave
// our origin.
function leaveFor(returnUrl: string): void {
  forgetWantedPage();
  window.location.replace(toOwnPage(returnUrl));
}

function FailedSignIn({
  failure,
  isRetrying,
  retry,
}: Pick<Completion, "isRetrying" | "retry"> & {
  readonly failure: AuthFailure;
}): ReactElement {
  const styles = useStyles();
  const { title, what, next } = explainFailure(failure);
  const canRetry = canRetryCallback(failure);

  return (
    <Page title={title}>
      <div role="alert" className={styles.explanation}>
        <p>{what}</p>
        <p>{next}</p>
        {failure.code === "store_unavailable" && canRetry && (
          <p>You do not have to sign in at Microsoft again.</p>
        )}
      </div>
      <Actions>
        {canRetry ? (
          <ActionButton
            appearance="primary"
            disabledFocusable={isRetrying}
            onClick={retry}
          >
            {isRetrying ? "Trying again…" : "Try again"}
          </ActionButton>
        ) : (
          !mustWait(failure) && <SignInAgain failure={failure} />
        )}
        <PageLink to="/">Go to the start page</PageLink>
      </Actions>
      {!canRetry && <StartProblem />}
      <FailureDetails failure={failure} />
    </Page>
  );
}

/**
 * The page for an administrator who approved the service for the organisation. No user was signed in, and nothing
 * failed.
 */
function AdminConsent({
  failure,
}: {
  readonly failure: AuthFailure;
}): ReactElement {
  const { status } = useAuth();
  const styles = useStyles();
  const { title, what, next } = explainFailure(failure);

  return (
    <Page title={title}>
      <div className={styles.explanation}>
        <p>{what}</p>
        {status === "signed_out" && <p>{next}</p>}
      </div>
      {status === "signed_out" && <SignInPanel />}
      <Actions>
        <PageLink to="/">Go to the start page</PageLink>
      </Actions>
    </Page>
  );
}

function SignInAgain({
  failure,
}: {
  readonly failure: AuthFailure;
}): ReactElement {
  const { isSigningIn } = useAuth();
  const startSignIn = useStartSignIn();
  const { prompt, button = "Try again" } = explainFailure(failure);
  return (
    <ActionButton
      appearance="primary"
      disabledFocusable={isSigningIn}
      onClick={() => startSignIn({ ...wishesAfter(failure), prompt })}
    >
      {button}
    </ActionButton>
  );
}

/** Shows why a new sign-in could not be started. */
function StartProblem(): ReactElement | undefined {
  const { status, error } = useAuth();
  if (status === "unavailable" || error === undefined) return undefined;
  return <p role="alert">{explainFailure(error).what}</p>;
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
