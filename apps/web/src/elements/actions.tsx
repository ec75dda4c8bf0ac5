import { makeStyles } from "@fluentui/react-components";
import type { ReactElement, ReactNode } from "react";

/** Buttons and links in a row that wraps. */
export function Actions({
  children,
}: {
  readonly children: ReactNode;
}): ReactElement {
  const styles = useStyles();
  return <div className={styles.actions}>{children}</div>;
}

const useStyles = makeStyles({
  actions: { display: "flex", flexWrap: "wrap", gap: "12px" },
});
