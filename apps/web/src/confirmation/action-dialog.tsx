import { useAuth } from "@entrada/auth/react";
import type { AuthFailure } from "@entrada/auth/react";
import {
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
} from "@fluentui/react-components";
import type { ReactElement } from "react";
import { ActionButton } from "../elements/action-button.js";
import { explainFailure } from "../sign-in/failure-explanations.js";
import { needsSignIn } from "../sign-in/sign-in-wishes.js";
import { wordAction } from "./action-words.js";
import { ConfirmationDialog } from "./confirmation-dialog.js";
import type { Confirmation } from "./use-confirmation.js";

/**
 * Asks for confirmation and stays open until the action is done: it shows the progress, a failure, or a button to sign
 * in again.
 */
export function ActionDialog({
  confirmation,
}: {
  readonly confirmation: Confirmation;
}): ReactElement | undefined {
  const { action, isOpen, isResumed, failure } = confirmation;
  const { error: signInFailure } = useAuth();
  if (action === undefined) return undefined;

  const { question, consequence } = wordAction(action);
  const reason = needsSignIn(failure) ? (signInFailure ?? failure) : failure;
  return (
    <ConfirmationDialog
      isOpen={isOpen}
      title={question}
      onCancel={confirmation.cancel}
      action={<GoAhead {...confirmation} action={action} />}
    >
      {isResumed && (
        <p>You have signed in again. Now you can finish what you started.</p>
      )}
      <p>{consequence}</p>
      <div role="alert">{reason && <FailureNotice failure={reason} />}</div>
    </ConfirmationDialog>
  );
}

function GoAhead({
  action,
  isWorking,
  failure,
  confirm,
  signInAgain,
}: Confirmation & { readonly action: NonNullable<Confirmation["action"]> }) {
  const { isSigningIn } = useAuth();
  const words = wordAction(action);
  if (failure !== undefined && needsSignIn(failure)) {
    return (
      <ActionButton
        appearance="primary"
        disabledFocusable={isSigningIn}
        onClick={signInAgain}
      >
        {isSigningIn ? "Going to Microsoft…" : explainFailure(failure).button}
      </ActionButton>
    );
  }
  return (
    <ActionButton
      appearance="primary"
      disabledFocusable={isWorking}
      onClick={confirm}
    >
      {isWorking ? words.working : words.confirm}
    </ActionButton>
  );
}

function FailureNotice({
  failure,
}: {
  readonly failure: AuthFailure;
}): ReactElement {
  const { title, what, next } = explainFailure(failure);
  return (
    <MessageBar
      intent={needsSignIn(failure) ? "info" : "error"}
      layout="multiline"
    >
      <MessageBarBody>
        <MessageBarTitle>{title}.</MessageBarTitle> {what} {next}
      </MessageBarBody>
    </MessageBar>
  );
}
