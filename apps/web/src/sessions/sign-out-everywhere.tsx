import { useAuth } from "@entrada/auth/react";
import { makeStyles, useRestoreFocusTarget } from "@fluentui/react-components";
import { useState } from "react";
import type { ReactElement } from "react";
import { ConfirmationDialog } from "../confirmation/confirmation-dialog.js";
import { ActionButton } from "../elements/action-button.js";

/** The button that signs the user out in all browsers, after confirmation. */
export function SignOutEverywhere(): ReactElement {
  const { signOutEverywhere } = useAuth();
  const [isOpen, setOpen] = useState(false);
  const restoreFocus = useRestoreFocusTarget();
  const styles = useStyles();

  return (
    <div className={styles.area}>
      <ActionButton {...restoreFocus} onClick={() => setOpen(true)}>
        Sign out everywhere
      </ActionButton>
      <ConfirmationDialog
        isOpen={isOpen}
        title="Sign out everywhere?"
        onCancel={() => setOpen(false)}
        action={
          <ActionButton
            appearance="primary"
            onClick={() => void signOutEverywhere()}
          >
            Sign out everywhere
          </ActionButton>
        }
      >
        <p>
          All your sessions end at once, in every browser and in this one. Do
          this if you have lost a device, or see a session that is not yours.
        </p>
      </ConfirmationDialog>
    </div>
  );
}

const useStyles = makeStyles({ area: { marginTop: "16px" } });
