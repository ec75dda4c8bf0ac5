import { Button, makeStyles, mergeClasses } from "@fluentui/react-components";
import type { ButtonProps } from "@fluentui/react-components";
import type { ReactElement } from "react";

/** Fluent's large button with the minimum height for touch. */
export function ActionButton(props: ButtonProps): ReactElement {
  const styles = useStyles();
  return (
    <Button
      size="large"
      {...props}
      className={mergeClasses(styles.button, props.className)}
    />
  );
}

const useStyles = makeStyles({
  button: { minHeight: "44px", whiteSpace: "nowrap" },
});
