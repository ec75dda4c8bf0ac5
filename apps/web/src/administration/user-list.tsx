import { useAuth } from "@entrada/auth/react";
import type { ManagedUser } from "@entrada/auth/react";
import {
  Badge,
  makeStyles,
  tokens,
  useRestoreFocusTarget,
} from "@fluentui/react-components";
import type { ReactElement } from "react";
import { ActionButton } from "../elements/action-button.js";
import { FactGrid } from "../elements/facts.js";
import { Moment } from "../elements/moment.js";
import { personName } from "../layout/person-name.js";
import { VisuallyHidden } from "../elements/visually-hidden.js";

/** The properties of `UserList`. */
export interface UserListProps {
  readonly users: readonly ManagedUser[];
  /** Called with the user to disable or enable. */
  readonly onChange: (user: ManagedUser) => void;
}

interface UserProps extends Pick<UserListProps, "onChange"> {
  readonly user: ManagedUser;
}

/** Users in rows, or in cards on a narrow screen. */
export function UserList({ users, onChange }: UserListProps): ReactElement {
  const styles = useStyles();
  return (
    <ul className={styles.list}>
      {users.map((user) => (
        <UserItem key={user.id} user={user} onChange={onChange} />
      ))}
    </ul>
  );
}

function UserItem({ user, onChange }: UserProps): ReactElement {
  const styles = useStyles();
  return (
    <li className={styles.item}>
      <div>
        <h3 className={styles.name}>{personName(user)}</h3>
        <p className={styles.minor}>{user.preferredUsername}</p>
      </div>
      <FactGrid
        facts={[
          { term: "Roles", value: user.roles.join(", ") || "None" },
          {
            term: "Last sign-in",
            value: <Moment instant={user.lastSignInAt} />,
          },
          { term: "State", value: <State disabledAt={user.disabledAt} /> },
        ]}
      />
      <div className={styles.action}>
        <Change user={user} onChange={onChange} />
      </div>
    </li>
  );
}

function State({ disabledAt }: Pick<ManagedUser, "disabledAt">): ReactElement {
  if (disabledAt === null) return <>Active</>;
  return (
    <>
      <Badge appearance="outline" color="danger" size="large">
        Disabled
      </Badge>{" "}
      since <Moment instant={disabledAt} />
    </>
  );
}

function Change({ user, onChange }: UserProps): ReactElement {
  const { user: administrator } = useAuth();
  const restoreFocus = useRestoreFocusTarget();
  const styles = useStyles();
  if (user.id === administrator?.id) {
    return (
      <p className={styles.minor}>This is you. You cannot disable yourself.</p>
    );
  }
  return (
    <ActionButton {...restoreFocus} onClick={() => onChange(user)}>
      {user.disabledAt === null ? "Disable" : "Enable"}
      <VisuallyHidden> {personName(user)}</VisuallyHidden>
    </ActionButton>
  );
}

const wide = "@media (min-width: 768px)";

const useStyles = makeStyles({
  list: { margin: 0, padding: 0, listStyleType: "none" },
  item: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    alignItems: "center",
    columnGap: "24px",
    rowGap: "12px",
    paddingBlock: "16px",
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    overflowWrap: "anywhere",
    [wide]: {
      gridTemplateColumns: "minmax(0, 4fr) minmax(0, 7fr) minmax(0, 2fr)",
    },
  },
  name: {
    margin: 0,
    fontSize: tokens.fontSizeBase400,
    lineHeight: "24px",
    fontWeight: tokens.fontWeightSemibold,
  },
  minor: { color: tokens.colorNeutralForeground2 },
  action: { [wide]: { justifySelf: "end" } },
});
