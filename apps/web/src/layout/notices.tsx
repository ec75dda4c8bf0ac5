import {
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
} from "@fluentui/react-components";
import type { ReactElement, ReactNode } from "react";
import { Actions } from "../elements/actions.js";

/** Says that something takes its time; visible only when it really does. */
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

/** How something that the visitor did turned out. */
export interface Outcome {
  readonly intent: "success" | "info";
  readonly text: string;
}

/**
 * Says how it turned out, also to screen readers, as soon as they have finished their sentence. It has to be there
 * before there is anything to say, or some of them miss it.
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

/** Says what went wrong and, where there is one, offers a way out. */
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
    // Most answers come sooner than this; a spinner for a blink would only flicker.
    animationName: {
      from: { visibility: "hidden" },
      to: { visibility: "hidden" },
    },
    animationDuration: "300ms",
  },
});
