import { makeStyles } from "@fluentui/react-components";
import type { ReactElement, ReactNode } from "react";

/** Text for screen readers only. */
export function VisuallyHidden({
  children,
}: {
  readonly children: ReactNode;
}): ReactElement {
  const styles = useStyles();
  return <span className={styles.hidden}>{children}</span>;
}

const useStyles = makeStyles({
  hidden: {
    position: "absolute",
    width: "1px",
    height: "1px",
    overflow: "hidden",
    clipPath: "inset(50%)",
    whiteSpace: "nowrap",
  },
});
