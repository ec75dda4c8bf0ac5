import { SignedIn, SignedOut, useAuth } from "@entrada/auth/react";
import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactElement } from "react";
import { Actions } from "../elements/actions.js";
import { Waiting } from "../layout/notices.js";
import { PageLink } from "../elements/page-link.js";
import { Page, Section } from "../layout/page.js";
import { personName } from "../layout/person-name.js";
import { AuthUnavailable } from "../layout/protected.js";
import { SignInPanel } from "../sign-in/sign-in-panel.js";

/** The start page, with a sign-in button or a greeting. */
export function StartPage(): ReactElement {
  const { status, user } = useAuth();
  const styles = useStyles();

  return (
    <Page
      title="Entrada"
      heading={user ? `Hello, ${personName(user)}` : "Welcome to Entrada"}
    >
      {status === "loading" && (
        <Waiting>Checking whether you are signed in…</Waiting>
      )}
      {status === "unavailable" && <AuthUnavailable />}
      <SignedOut>
        <p className={styles.lead}>
          This is a small workspace that you open with the Microsoft account of
          your organisation. It never sees your password.
        </p>
        <SignInPanel />
        <Section heading="What happens when you sign in" id="steps">
          <ol className={styles.steps}>
            <li>You go to Microsoft and sign in there.</li>
            <li>
              Microsoft tells us who you are: your name, your user name and your
              organisation.
            </li>
            <li>You come back to the page you left, and stay signed in.</li>
          </ol>
        </Section>
      </SignedOut>
      <SignedIn>
        <p className={styles.lead}>
          {user?.preferredUsername
            ? `You are signed in as ${user.preferredUsername}.`
            : "You are signed in."}
        </p>
        <Actions>
          <PageLink to="/workspace" isPrimary>
            Open your workspace
          </PageLink>
          <PageLink to="/account">See your account</PageLink>
        </Actions>
      </SignedIn>
    </Page>
  );
}

const useStyles = makeStyles({
  steps: {
    display: "grid",
    rowGap: "8px",
    margin: 0,
    paddingLeft: "24px",
  },
  lead: {
    maxWidth: "60ch",
    fontSize: tokens.fontSizeBase400,
    lineHeight: "24px",
    overflowWrap: "anywhere",
  },
});
