import { RequireAuth, useAuth } from "@entrada/auth/react";
import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactElement, ReactNode } from "react";
import { SignInPanel } from "../sign-in/sign-in-panel.js";
import { ActionButton } from "../elements/action-button.js";
import { Section } from "./page.js";
import { Problem, Waiting } from "./notices.js";

/** Shows its children to a signed-in user, and a sign-in button to other visitors. */
export function Protected({
  place,
  children,
}: {
  /** The page's name within a sentence, such as "your workspace". */
  readonly place: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <RequireAuth
      loading={<Waiting>Checking whether you are signed in…</Waiting>}
      unavailable={<AuthUnavailable />}
      fallback={
        <Section heading="Sign in to continue" id="sign-in">
          <Explanation>
            You need to be signed in to see {place}. Afterwards you come back to
            exactly this page.
          </Explanation>
          <SignInPanel />
        </Section>
      }
    >
      {children}
    </RequireAuth>
  );
}

/** Shows that the session could not be loaded, with a button to try again. */
export function AuthUnavailable(): ReactElement {
  const { refresh } = useAuth();
  return (
    <Problem
      title="The service is not answering"
      action={
        <ActionButton onClick={() => void refresh()}>Try again</ActionButton>
      }
    >
      We cannot check whether you are signed in at the moment. We keep trying;
      you do not have to do anything.
    </Problem>
  );
}

function Explanation({
  children,
}: {
  readonly children: ReactNode;
}): ReactElement {
  const styles = useStyles();
  return <p className={styles.explanation}>{children}</p>;
}

const useStyles = makeStyles({
  explanation: {
    marginBottom: "20px",
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
  },
});
