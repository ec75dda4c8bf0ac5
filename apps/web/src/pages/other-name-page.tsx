import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactElement } from "react";
import { readAppPath } from "../app-address.js";
import { ActionButton } from "../elements/action-button.js";
import { Actions } from "../elements/actions.js";
import { Page } from "../layout/page.js";

/**
 * Shown at another address than APP_URL, with a link to the same page at APP_URL. It does not redirect, because the page
 * might not exist if APP_URL is wrong.
 */
export function OtherNamePage({
  ownAddress,
}: {
  /** The same page at APP_URL. */
  readonly ownAddress: string;
}): ReactElement {
  const styles = useStyles();
  const { origin, host } = new URL(ownAddress);
  const { location } = window;
  const appPath = readAppPath();
  // With a path, the origin may be the right one. The query is omitted, because it may contain an authorization code.
  const openedPath = appPath === "" ? "" : location.pathname;

  return (
    <main className={styles.main}>
      <Page title="This service has another address">
        <p className={styles.explanation}>
          You opened it at <strong>{`${location.origin}${openedPath}`}</strong>.
          You can sign in at <strong>{`${origin}${appPath}`}</strong> only.
        </p>
        <Actions>
          <ActionButton as="a" appearance="primary" href={ownAddress}>
            {`Continue at ${host}${appPath}`}
          </ActionButton>
        </Actions>
        <p className={styles.hint}>
          If you run this service and this address is the right one, set APP_URL
          to it.
        </p>
      </Page>
    </main>
  );
}

const useStyles = makeStyles({
  main: {
    maxWidth: "960px",
    marginInline: "auto",
    padding: "32px 16px 64px",
  },
  explanation: {
    maxWidth: "70ch",
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    overflowWrap: "anywhere",
  },
  hint: {
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase300,
  },
});
