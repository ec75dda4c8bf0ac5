import { makeStyles } from "@fluentui/react-components";
import type { ReactElement } from "react";

/** Microsoft's logo. Its branding rules require the original colours, even in forced colours. */
export function MicrosoftLogo(): ReactElement {
  const styles = useStyles();
  return (
    <svg
      className={styles.logo}
      width="21"
      height="21"
      viewBox="0 0 21 21"
      aria-hidden="true"
      focusable="false"
    >
      <rect x="1" y="1" width="9" height="9" fill="#f25022" />
      <rect x="11" y="1" width="9" height="9" fill="#7fba00" />
      <rect x="1" y="11" width="9" height="9" fill="#00a4ef" />
      <rect x="11" y="11" width="9" height="9" fill="#ffb900" />
    </svg>
  );
}

const useStyles = makeStyles({
  logo: { flexShrink: 0, forcedColorAdjust: "none" },
});
