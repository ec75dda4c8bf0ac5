import {
  createDOMRenderer,
  FluentProvider,
  makeStyles,
  RendererProvider,
  tokens,
  webDarkTheme,
  webLightTheme,
} from "@fluentui/react-components";
import { useSyncExternalStore } from "react";
import type { ReactElement, ReactNode } from "react";

const renderer = createDOMRenderer(document, {
  styleElementAttributes: { nonce: readNonce() },
});

/** Dresses everything inside in Fluent, light or dark as the visitor's system is at the moment. */
export function AppTheme({
  children,
}: {
  readonly children: ReactNode;
}): ReactElement {
  return (
    <RendererProvider renderer={renderer} targetDocument={document}>
      <SystemTheme>{children}</SystemTheme>
    </RendererProvider>
  );
}

// A component of its own: styles that are used outside of the renderer's provider would lack the nonce.
function SystemTheme({
  children,
}: {
  readonly children: ReactNode;
}): ReactElement {
  const isDark = useSyncExternalStore(subscribeToScheme, prefersDark);
  const styles = useStyles();

  return (
    <FluentProvider theme={isDark ? webDarkTheme : webLightTheme}>
      {/* Not on the provider: dialogs get its classes, and would cover the page behind them. */}
      <div className={styles.page}>{children}</div>
    </FluentProvider>
  );
}

const useStyles = makeStyles({
  page: {
    minHeight: "100dvh",
    backgroundColor: tokens.colorNeutralBackground2,
  },
});

const darkScheme = window.matchMedia("(prefers-color-scheme: dark)");

function prefersDark(): boolean {
  return darkScheme.matches;
}

function subscribeToScheme(listener: () => void): () => void {
  darkScheme.addEventListener("change", listener);
  return () => darkScheme.removeEventListener("change", listener);
}

// The property, not the attribute: browsers hide a nonce's attribute from selectors and scripts.
function readNonce(): string {
  const element = document.querySelector<HTMLMetaElement>(
    'meta[property="csp-nonce"]',
  );
  return element?.nonce ?? "";
}
