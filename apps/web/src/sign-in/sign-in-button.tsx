import { useAuth } from "@entrada/auth/react";
import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import type { ReactElement } from "react";
import { MicrosoftLogo } from "./microsoft-logo.js";
import { useStartSignIn } from "./use-start-sign-in.js";

/** Microsoft's sign-in button. Use the wording `short` where space is limited. */
export function SignInButton({
  wording = "full",
}: {
  readonly wording?: "full" | "short";
}): ReactElement {
  const { isSigningIn } = useAuth();
  const startSignIn = useStartSignIn();
  const styles = useStyles();

  return (
    <button
      type="button"
      className={mergeClasses(
        styles.button,
        wording === "short" && styles.short,
      )}
      // Not `disabled`, which would remove the focus from the button.
      aria-disabled={isSigningIn}
      aria-busy={isSigningIn}
      onClick={() => startSignIn()}
    >
      <MicrosoftLogo />
      <span>{wording === "full" ? "Sign in with Microsoft" : "Sign in"}</span>
    </button>
  );
}

// Sizes and colours of Microsoft's own button.
const useStyles = makeStyles({
  button: {
    display: "inline-flex",
    alignItems: "center",
    justifyContent: "center",
    gap: "12px",
    minHeight: "41px",
    padding: "0 12px",
    border: "1px solid #8c8c8c",
    borderRadius: "2px",
    backgroundColor: "#ffffff",
    color: "#5e5e5e",
    fontFamily: tokens.fontFamilyBase,
    fontSize: "15px",
    fontWeight: 600,
    lineHeight: "20px",
    cursor: "pointer",
    ":hover": { backgroundColor: "#f3f3f3" },
    ":active": { backgroundColor: "#e8e8e8" },
    '&[aria-disabled="true"]': { cursor: "progress", opacity: 0.75 },
    "@media (prefers-color-scheme: dark)": {
      backgroundColor: "#2f2f2f",
      color: "#ffffff",
      ":hover": { backgroundColor: "#3a3a3a" },
      ":active": { backgroundColor: "#454545" },
    },
  },
  short: { minHeight: "36px", gap: "8px" },
});
