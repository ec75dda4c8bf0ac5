import {
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
} from "@fluentui/react-components";
import type { ReactElement, ReactNode } from "react";
import { Actions } from "../elements/actions.js";

/** Shows that something is loading. Invisible for the first 300 ms. */
export function Waiting({
  children,
}: {
  readonly children: string;
}): ReactElement {
  const styles = useStyles();
  return (
    <div className={styles.waiting}>
      <Spinner size="small" aria-hidden />
      <output>{children}</output>
    </div>
  );
}

/** The result of an action of the visitor. */
export interface Outcome {
  readonly intent: "success" | "info";
  readonly text: string;
}

/**
 * Shows the result of an action and announces it to screen readers. Render it even without an outcome: some screen
 * readers ignore a live region that is added together with its text.
 */
export function OutcomeNotice({
  outcome,
}: {
  readonly outcome: Outcome | undefined;
}): ReactElement {
  const styles = useStyles();
  return (
    <div aria-live="polite" className={styles.outcome}>
      {outcome && (
        <MessageBar intent={outcome.intent} layout="multiline">
          <MessageBarBody>{outcome.text}</MessageBarBody>
        </MessageBar>
      )}
    </div>
  );
}

/** Shows a problem and, if given, an action that may solve it. */
export function Problem({
  title,
  children,
  action,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}): ReactElement {
  const styles = useStyles();
  return (
    <div role="alert" className={styles.problem}>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{title}.</MessageBarTitle> {children}
        </MessageBarBody>
      </MessageBar>
      {action !== undefined && <Actions>{action}</Actions>}
    </div>
  );
}

const useStyles = makeStyles({
  outcome: { ":not(:empty)": { marginBottom: "16px" } },
  problem: { display: "grid", rowGap: "12px" },
  waiting: {
    display: "flex",
    alignItems: "center",
    columnGap: "12px",
    // Most responses arrive sooner, and a short spinner would flicker.
    animationName: {
      from: { visibility: "hidden" },
      to: { visibility: "hidden" },
    },
    animationDuration: "300ms",
  },
});
