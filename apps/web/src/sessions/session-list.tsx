import type { OwnSession } from "@entrada/auth/react";
import {
  Badge,
  makeStyles,
  tokens,
  useRestoreFocusTarget,
} from "@fluentui/react-components";
import { DesktopRegular } from "@fluentui/react-icons/svg/desktop";
import { PhoneRegular } from "@fluentui/react-icons/svg/phone";
import type { ReactElement } from "react";
import { ActionButton } from "../elements/action-button.js";
import { FactGrid } from "../elements/facts.js";
import { Moment } from "../elements/moment.js";
import { VisuallyHidden } from "../elements/visually-hidden.js";
import { describeDevice } from "./device.js";

/** The properties of `SessionList`. */
export interface SessionListProps {
  readonly sessions: readonly OwnSession[];
  readonly onEnd: (session: OwnSession) => void;
}

/** The user's sessions, the current one first. */
export function SessionList({
  sessions,
  onEnd,
}: SessionListProps): ReactElement {
  const styles = useStyles();
  const ordered = sessions.toSorted(
    (one, other) => Number(other.isCurrent) - Number(one.isCurrent),
  );
  return (
    <ul className={styles.list}>
      {ordered.map((session) => (
        <SessionItem key={session.id} session={session} onEnd={onEnd} />
      ))}
    </ul>
  );
}

function SessionItem({
  session,
  onEnd,
}: Pick<SessionListProps, "onEnd"> & {
  readonly session: OwnSession;
}): ReactElement {
  const styles = useStyles();
  const restoreFocus = useRestoreFocusTarget();
  const { name, isPhone } = describeDevice(session.userAgent);
  const Picture = isPhone ? PhoneRegular : DesktopRegular;
  return (
    <li className={styles.item}>
      <Picture className={styles.picture} aria-hidden />
      <div className={styles.device}>
        <h3 className={styles.name}>{name}</h3>
        {session.isCurrent && (
          <Badge appearance="outline" color="success" size="large">
            This browser
          </Badge>
        )}
      </div>
      <div className={styles.facts}>
        <SessionFacts session={session} />
      </div>
      {!session.isCurrent && (
        <div className={styles.action}>
          <ActionButton {...restoreFocus} onClick={() => onEnd(session)}>
            End session
            <VisuallyHidden>
              : {name}, since <Moment instant={session.createdAt} />
            </VisuallyHidden>
          </ActionButton>
        </div>
      )}
    </li>
  );
}

function SessionFacts({
  session,
}: {
  readonly session: OwnSession;
}): ReactElement {
  return (
    <FactGrid
      facts={[
        {
          term: "Signed in since",
          value: <Moment instant={session.createdAt} />,
        },
        { term: "Last seen", value: <Moment instant={session.lastSeenAt} /> },
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
  );
}

const useStyles = makeStyles({
  list: { margin: 0, padding: 0, listStyleType: "none" },
  item: {
    display: "grid",
    gridTemplateColumns: "24px minmax(0, 1fr)",
    columnGap: "12px",
    rowGap: "12px",
    paddingBlock: "16px",
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    ":first-child": { paddingTop: 0 },
    "@media (min-width: 640px)": {
      gridTemplateColumns: "24px minmax(0, 1fr) auto",
    },
  },
  picture: {
    width: "24px",
    height: "24px",
    color: tokens.colorNeutralForeground2,
  },
  device: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "4px 12px",
  },
  name: {
    margin: 0,
    fontSize: tokens.fontSizeBase400,
    lineHeight: "24px",
    fontWeight: tokens.fontWeightSemibold,
  },
  facts: { gridColumnStart: 2 },
  action: {
    gridColumnStart: 2,
    // Wide screens: beside the name and the facts, not below.
    "@media (min-width: 640px)": {
      gridColumnStart: 3,
      gridRowStart: 1,
      gridRowEnd: "span 2",
    },
  },
});
