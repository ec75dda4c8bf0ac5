import { useAuth } from "@entrada/auth/react";
import {
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  tokens,
} from "@fluentui/react-components";
import type { ReactElement } from "react";
import { explainFailure } from "./failure-explanations.js";
import { SignInButton } from "./sign-in-button.js";

/** The sign-in button with a hint and, if a sign-in could not be started, the reason. */
export function SignInPanel(): ReactElement {
  const { error } = useAuth();
  const styles = useStyles();

  return (
    <div className={styles.panel}>
      <SignInButton />
      <p className={styles.hint}>Use your work or school account</p>
      <div role="alert" className={styles.alert}>
        {error && <SignInProblem {...explainFailure(error)} />}
      </div>
    </div>
  );
}

function SignInProblem({
  title,
  what,
  next,
}: ReturnType<typeof explainFailure>): ReactElement {
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{title}.</MessageBarTitle> {what} {next}
      </MessageBarBody>
    </MessageBar>
  );
}

const useStyles = makeStyles({
  panel: { display: "grid", justifyItems: "start", rowGap: "8px" },
  hint: {
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase300,
  },
  alert: { width: "100%", marginTop: "8px", ":empty": { display: "none" } },
});
