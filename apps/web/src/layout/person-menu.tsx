import { useAuth } from "@entrada/auth/react";
import type { ActiveUser } from "@entrada/auth/react";
import { Avatar, makeStyles, tokens } from "@fluentui/react-components";
import { SignOutRegular } from "@fluentui/react-icons/svg/sign-out";
import { useId } from "react";
import type { ReactElement } from "react";
import { ActionButton } from "../elements/action-button.js";
import { PageLink } from "../elements/page-link.js";
import { personName } from "./person-name.js";
import { useDisclosure } from "../elements/use-disclosure.js";
import { VisuallyHidden } from "../elements/visually-hidden.js";

/** The properties of `PersonMenu`. */
export interface PersonMenuProps {
  readonly user: ActiveUser;
}

/**
 * The user's name and picture in the header, as a button that shows a link and a button. It is a disclosure and not an
 * ARIA menu, so that the tab key reaches both.
 */
export function PersonMenu({ user }: PersonMenuProps): ReactElement {
  const { isOpen, toggle, close, area, trigger } = useDisclosure();
  const panelId = useId();
  const styles = useStyles();
  const name = personName(user);

  return (
    <div ref={area} className={styles.area}>
      <button
        ref={trigger}
        type="button"
        className={styles.trigger}
        aria-expanded={isOpen}
        aria-controls={isOpen ? panelId : undefined}
        onClick={toggle}
      >
        <VisuallyHidden>Account menu, </VisuallyHidden>
        <span className={styles.name}>{name}</span>
        <Avatar name={name} size={32} color="brand" aria-hidden />
      </button>
      {isOpen && <Panel id={panelId} user={user} close={close} />}
    </div>
  );
}

function Panel({
  id,
  user,
  close,
}: {
  readonly id: string;
  readonly user: ActiveUser;
  readonly close: () => void;
}): ReactElement {
  const { signOut } = useAuth();
  const styles = useStyles();

  return (
    <div id={id} className={styles.panel}>
      <div className={styles.person}>
        <strong>{personName(user)}</strong>
        <span className={styles.userName}>{user.preferredUsername}</span>
      </div>
      <PageLink to="/account" onClick={close}>
        Account
      </PageLink>
      <ActionButton icon={<SignOutRegular />} onClick={() => void signOut()}>
        Sign out
      </ActionButton>
    </div>
  );
}

const useStyles = makeStyles({
  area: { position: "relative" },
  trigger: {
    display: "inline-flex",
    alignItems: "center",
    columnGap: "8px",
    minHeight: "44px",
    maxWidth: "280px",
    padding: "4px 8px",
    border: "1px solid transparent",
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: "transparent",
    color: tokens.colorNeutralForeground1,
    fontFamily: "inherit",
    fontSize: tokens.fontSizeBase300,
    cursor: "pointer",
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  name: {
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    // Narrow screens show only the picture; screen readers still read the name.
    "@media (max-width: 639px)": {
      position: "absolute",
      width: "1px",
      height: "1px",
      clipPath: "inset(50%)",
    },
  },
  panel: {
    position: "absolute",
    top: "calc(100% + 4px)",
    right: 0,
    zIndex: 1,
    display: "grid",
    rowGap: "8px",
    width: "min(280px, calc(100vw - 32px))",
    padding: "16px",
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow16,
  },
  person: { display: "grid", marginBottom: "8px", overflowWrap: "anywhere" },
  userName: { color: tokens.colorNeutralForeground2 },
});
