import { useAuth } from "@entrada/auth/react";
import { makeStyles, tokens } from "@fluentui/react-components";
import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { Actions } from "../elements/actions.js";
import { PageLink } from "../elements/page-link.js";
import { Page, Section } from "../layout/page.js";
import { personName } from "../layout/person-name.js";
import { Protected } from "../layout/protected.js";
import { isAdministrator } from "./administrator.js";

/** A page for administrators. Other users see an explanation instead of its children. */
export function AdministrationPage({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <Page title={title}>
      <Protected place="this page">
        <AdministratorsOnly>
          <AdministrationLinks />
          {children}
        </AdministratorsOnly>
      </Protected>
    </Page>
  );
}

function AdministratorsOnly({
  children,
}: {
  readonly children: ReactNode;
}): ReactNode {
  const { user } = useAuth();
  return isAdministrator(user) ? children : <ForAdministrators />;
}

function ForAdministrators(): ReactElement {
  const { user } = useAuth();
  const styles = useStyles();
  return (
    <Section heading="For administrators" id="for-administrators">
      <p className={styles.explanation}>
        Only people with the role “Admin” can see this page.
        {user &&
          ` You are signed in as ${personName(user)}, without that role.`}{" "}
        Your organisation assigns it; afterwards sign out and in again.
      </p>
      <Actions>
        <PageLink to="/">Go to the start page</PageLink>
      </Actions>
    </Section>
  );
}

function AdministrationLinks(): ReactElement {
  const styles = useStyles();
  return (
    <nav aria-label="Administration" className={styles.links}>
      <Link to="/admin/users" className={styles.link}>
        Users
      </Link>
      <Link to="/admin/audit" className={styles.link}>
        Audit trail
      </Link>
    </nav>
  );
}

const useStyles = makeStyles({
  explanation: { marginBottom: "20px", maxWidth: "70ch" },
  links: { display: "flex", flexWrap: "wrap", gap: "8px" },
  link: {
    display: "inline-flex",
    alignItems: "center",
    minHeight: "44px",
    paddingInline: "16px",
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: "none",
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    '&[aria-current="page"]': {
      border: `1px solid ${tokens.colorCompoundBrandStroke}`,
      color: tokens.colorNeutralForeground1,
      fontWeight: tokens.fontWeightSemibold,
    },
  },
});
