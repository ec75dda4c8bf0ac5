import { SignedOut, useAuth } from "@entrada/auth/react";
import { makeStyles, tokens } from "@fluentui/react-components";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { Suspense, useRef } from "react";
import type { MouseEvent, ReactElement } from "react";
import { isAdministrator } from "../administration/administrator.js";
import { SignInButton } from "../sign-in/sign-in-button.js";
import { callbackPath } from "../sign-in/wanted-page.js";
import { AccountMenu } from "./account-menu.js";
import { ProductMark } from "../elements/product-mark.js";
import { useHeadingFocus } from "../elements/use-heading-focus.js";

/** The layout of every page: skip link, header with navigation and account, and main content. */
export function AppLayout(): ReactElement {
  const styles = useStyles();
  const main = useRef<HTMLElement>(null);
  useHeadingFocus(main);

  function skipToContent(event: MouseEvent): void {
    event.preventDefault();
    main.current?.focus();
  }

  return (
    <>
      <a href="#main" className={styles.skipLink} onClick={skipToContent}>
        Skip to content
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
    </>
  );
}

function Header(): ReactElement {
  const styles = useStyles();
  // The callback page has its own buttons.
  const isCallback = useLocation().pathname === callbackPath;

  return (
    <header className={styles.header}>
      <div className={styles.headerContent}>
        <Link to="/" className={styles.product}>
          <ProductMark />
          Entrada
        </Link>
        <Navigation />
        <div className={styles.account}>
          <Suspense>
            <AccountMenu />
          </Suspense>
          <SignedOut>
            {!isCallback && <SignInButton wording="short" />}
          </SignedOut>
        </div>
      </div>
    </header>
  );
}

function Navigation(): ReactElement {
  const { user } = useAuth();
  const styles = useStyles();
  return (
    <nav aria-label="Main" className={styles.navigation}>
      <Link to="/" className={styles.navigationLink}>
        Start
      </Link>
      <Link to="/workspace" className={styles.navigationLink}>
        Workspace
      </Link>
      <Link to="/account" className={styles.navigationLink}>
        Account
      </Link>
      {isAdministrator(user) && (
        <Link to="/admin" className={styles.navigationLink}>
          Admin
        </Link>
      )}
    </nav>
  );
}

const useStyles = makeStyles({
  skipLink: {
    position: "absolute",
    top: "8px",
    left: "8px",
    zIndex: 1,
    padding: "8px 16px",
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorBrandForegroundLink,
    ":not(:focus)": { transform: "translateY(-200%)" },
  },
  header: {
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  headerContent: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    columnGap: "24px",
    maxWidth: "960px",
    marginInline: "auto",
    paddingInline: "16px",
  },
  product: {
    display: "inline-flex",
    alignItems: "center",
    columnGap: "8px",
    minHeight: "56px",
    color: tokens.colorNeutralForeground1,
    fontSize: tokens.fontSizeBase400,
    fontWeight: tokens.fontWeightSemibold,
    textDecorationLine: "none",
  },
  navigation: {
    display: "flex",
    columnGap: "4px",
    // Narrow screens: a separate row below product and account.
    order: 1,
    width: "100%",
    marginInline: "-12px",
    "@media (min-width: 640px)": { order: 0, width: "auto", marginInline: 0 },
  },
  navigationLink: {
    display: "inline-flex",
    alignItems: "center",
    minHeight: "44px",
    paddingInline: "12px",
    color: tokens.colorNeutralForeground2,
    textDecorationLine: "none",
    borderBottom: "2px solid transparent",
    ":hover": { color: tokens.colorNeutralForeground1 },
    '&[aria-current="page"]': {
      color: tokens.colorNeutralForeground1,
      fontWeight: tokens.fontWeightSemibold,
      borderBottomColor: tokens.colorCompoundBrandStroke,
    },
    // In forced colours, the transparent line would be visible under every link.
    "@media (forced-colors: active)": {
      borderBottomColor: "Canvas",
      '&[aria-current="page"]': { borderBottomColor: "Highlight" },
    },
  },
  account: {
    display: "flex",
    justifyContent: "flex-end",
    alignItems: "center",
    minHeight: "40px",
    marginLeft: "auto",
  },
  main: {
    maxWidth: "960px",
    marginInline: "auto",
    padding: "32px 16px 64px",
  },
});
