import { useAuth } from "@entrada/auth/react";
import type { ActiveUser } from "@entrada/auth/react";
import { Avatar, makeStyles, tokens } from "@fluentui/react-components";
import { SignOutRegular } from "@fluentui/react-icons/svg/sign-out";
import type { ReactElement } from "react";
import { ActionButton } from "../elements/action-button.js";
import { Facts } from "../elements/facts.js";
import { Page, Section } from "../layout/page.js";
import { personName } from "../layout/person-name.js";
import { Protected } from "../layout/protected.js";
import { Sessions } from "../sessions/sessions.js";

/** Microsoft's tenant of all personal accounts. */
const personalTenantId = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** More groups than this are shown in a details element. */
const fewGroups = 3;

/** The profile and the sessions of the signed-in user. */
export function AccountPage(): ReactElement {
  return (
    <Page title="Account">
      <Protected place="your account">
        <Account />
      </Protected>
    </Page>
  );
}

function Account(): ReactElement | undefined {
  const { user, signOut } = useAuth();
  if (user === undefined) return undefined;

  return (
    <>
      <Profile user={user} />
      <Organisation user={user} />
      <Sessions />
      <div>
        <ActionButton icon={<SignOutRegular />} onClick={() => void signOut()}>
          Sign out
        </ActionButton>
      </div>
    </>
  );
}

function Profile({ user }: { readonly user: ActiveUser }): ReactElement {
  const styles = useStyles();
  const name = personName(user);
  return (
    <Section heading="Profile" id="profile">
      <div className={styles.profile}>
        <Avatar name={name} size={64} color="brand" aria-hidden />
        <Facts
          facts={[
            { term: "Name", value: name },
            { term: "User name", value: user.preferredUsername ?? "None" },
            {
              term: "E-mail",
              value: user.email ?? "Not verified by your organisation",
            },
          ]}
        />
      </div>
    </Section>
  );
}

function Organisation({ user }: { readonly user: ActiveUser }): ReactElement {
  const isPersonal = user.tenantId === personalTenantId;
  return (
    <Section heading="Organisation" id="organisation">
      <Facts
        facts={[
          {
            term: "Kind of account",
            value: isPersonal
              ? "Personal Microsoft account"
              : "Work or school account",
          },
          { term: "Tenant ID", value: user.tenantId, isCode: true },
          { term: "Object ID", value: user.objectId, isCode: true },
          { term: "Roles", value: user.roles.join(", ") || "None" },
          { term: "Groups", value: <Groups groups={user.groups} /> },
        ]}
      />
    </Section>
  );
}

function Groups({
  groups,
}: {
  readonly groups: readonly string[];
}): ReactElement {
  const styles = useStyles();
  if (groups.length === 0) return <>None reported by Microsoft</>;

  const list = (
    <ul className={styles.groups}>
      {groups.map((group) => (
        <li key={group}>
          <code>{group}</code>
        </li>
      ))}
    </ul>
  );
  if (groups.length <= fewGroups) return list;
  return (
    <details>
      <summary className={styles.summary}>{groups.length} groups</summary>
      {list}
    </details>
  );
}

const useStyles = makeStyles({
  profile: {
    display: "flex",
    flexWrap: "wrap",
    gap: "20px",
    alignItems: "flex-start",
    "& > dl": { flexGrow: 1, flexBasis: "240px" },
  },
  groups: {
    margin: 0,
    padding: 0,
    listStyleType: "none",
    display: "grid",
    rowGap: "4px",
    fontFamily: tokens.fontFamilyMonospace,
  },
  summary: { cursor: "pointer", marginBottom: "8px" },
});
