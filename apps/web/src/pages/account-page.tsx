import { useAuth } from "@entrada/auth/react";
import type {
  SessionRepresentation,
  UserRepresentation,
} from "@entrada/auth/react";
import { Avatar, Button, makeStyles, tokens } from "@fluentui/react-components";
import { SignOutRegular } from "@fluentui/react-icons/svg/sign-out";
import type { ReactElement } from "react";
import { Facts } from "../layout/facts.js";
import { Moment } from "../layout/moment.js";
import { Page, Section } from "../layout/page.js";
import { personName } from "../layout/person-name.js";
import { Protected } from "../layout/protected.js";

/** Microsoft's one tenant for all personal accounts. */
const personalTenantId = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** More than this and they are shown on request. */
const fewGroups = 3;

/** What the service knows about the person who is signed in, and about their session. */
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
  const { user, session, signOut } = useAuth();
  if (user === undefined) return undefined;

  return (
    <>
      <Profile user={user} />
      <Organisation user={user} />
      <Session session={session} />
      <div>
        <Button
          size="large"
          icon={<SignOutRegular />}
          onClick={() => void signOut()}
        >
          Sign out
        </Button>
      </div>
    </>
  );
}

function Profile({
  user,
}: {
  readonly user: UserRepresentation;
}): ReactElement {
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

function Organisation({
  user,
}: {
  readonly user: UserRepresentation;
}): ReactElement {
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

function Session({
  session,
}: {
  readonly session: SessionRepresentation;
}): ReactElement {
  return (
    <Section heading="Session" id="session">
      <Facts
        facts={[
          {
            term: "Signed in since",
            value: <Moment instant={session.createdAt} />,
          },
          {
            term: "Ends if unused at",
            value: <Moment instant={session.idleExpiresAt} />,
          },
          {
            term: "Ends at the latest at",
            value: <Moment instant={session.expiresAt} />,
          },
          { term: "Session ID", value: session.id, isCode: true },
        ]}
      />
    </Section>
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
