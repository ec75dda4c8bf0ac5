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

/** Applies the Fluent theme that matches the system's colour scheme. */
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

// A separate component, because styles used outside the renderer's provider lack the nonce.
function SystemTheme({
  children,
}: {
  readonly children: ReactNode;
}): ReactElement {
  const isDark = useSyncExternalStore(subscribeToScheme, prefersDark);
  const styles = useStyles();

  return (
    <FluentProvider theme={isDark ? webDarkTheme : webLightTheme}>
      {/* Not on the provider, because dialogs copy its classes and would cover the page behind them. */}
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

// The property is read, because browsers hide the attribute from scripts.
function readNonce(): string {
  const element = document.querySelector<HTMLMetaElement>(
    'meta[property="csp-nonce"]',
  );
  return element?.nonce ?? "";
}
