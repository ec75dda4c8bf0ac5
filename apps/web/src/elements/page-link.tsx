import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";

/** A link that looks like a button, to a page of this app. */
export function PageLink({
  to,
  isPrimary = false,
  onClick,
  children,
}: {
  readonly to: "/" | "/workspace" | "/account";
  readonly isPrimary?: boolean;
  readonly onClick?: () => void;
  readonly children: string;
}): ReactElement {
  const styles = useStyles();
  return (
    <Link
      to={to}
      {...(onClick && { onClick })}
      className={mergeClasses(styles.link, isPrimary && styles.primary)}
    >
      {children}
    </Link>
  );
}

const useStyles = makeStyles({
  link: {
    display: "inline-flex",
    alignItems: "center",
    justifyContent: "center",
    minHeight: "44px",
    padding: "0 16px",
    borderRadius: tokens.borderRadiusMedium,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    fontSize: tokens.fontSizeBase400,
    fontWeight: tokens.fontWeightSemibold,
    textDecorationLine: "none",
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  primary: {
    backgroundColor: tokens.colorBrandBackground,
    border: "1px solid transparent",
    color: tokens.colorNeutralForegroundOnBrand,
    ":hover": { backgroundColor: tokens.colorBrandBackgroundHover },
  },
});
