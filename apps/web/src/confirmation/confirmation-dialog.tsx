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
  /** A question. */
  readonly title: string;
  /** What will happen. */
  readonly children: ReactNode;
  /** The button that goes ahead. */
  readonly action: ReactNode;
  /** Called by the Cancel button and by the Escape key. */
  readonly onCancel: () => void;
}

/** Asks before something happens. Cancel comes first, and so has the focus: a hasty Enter changes nothing. */
export function ConfirmationDialog(
  props: ConfirmationDialogProps,
): ReactElement | undefined {
  const [hasOpened, setOpened] = useState(props.isOpen);
  if (props.isOpen && !hasOpened) setOpened(true);
  // Fluent UI puts invisible stops for the tab key into a page with a dialog, even with one that is closed.
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
