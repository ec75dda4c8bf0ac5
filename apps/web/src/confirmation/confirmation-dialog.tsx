import {
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
} from "@fluentui/react-components";
import { useId, useState } from "react";
import type { ReactElement, ReactNode } from "react";
import { ActionButton } from "../elements/action-button.js";

/** The properties of `ConfirmationDialog`. */
export interface ConfirmationDialogProps {
  readonly isOpen: boolean;
  readonly title: string;
  /** The consequences of the action. */
  readonly children: ReactNode;
  /** The button that confirms. */
  readonly action: ReactNode;
  /** Called by the Cancel button and by the Escape key. */
  readonly onCancel: () => void;
}

/** Asks for confirmation. Cancel is the first button and has the focus, so that Enter changes nothing. */
export function ConfirmationDialog(
  props: ConfirmationDialogProps,
): ReactElement | undefined {
  const [hasOpened, setOpened] = useState(props.isOpen);
  if (props.isOpen && !hasOpened) setOpened(true);
  // Fluent UI adds invisible tab stops to a page with a dialog, even if the dialog is closed.
  return hasOpened ? <OpenedDialog {...props} /> : undefined;
}

function OpenedDialog({
  isOpen,
  title,
  children,
  action,
  onCancel,
}: ConfirmationDialogProps): ReactElement {
  const contentId = useId();
  const styles = useStyles();
  return (
    <Dialog
      modalType="alert"
      open={isOpen}
      onOpenChange={(_, { open }) => !open && onCancel()}
    >
      <DialogSurface aria-describedby={contentId} className={styles.surface}>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent id={contentId} className={styles.content}>
            {children}
          </DialogContent>
          <DialogActions>
            <ActionButton onClick={onCancel}>Cancel</ActionButton>
            {action}
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

const useStyles = makeStyles({
  surface: {
    maxWidth: "520px",
    width: "calc(100% - 32px)",
    overflowWrap: "anywhere",
  },
  content: { display: "grid", rowGap: "12px", paddingBottom: "8px" },
});
