import { AuthProvider } from "@entrada/auth/react";
import type { AuthClient, BrowserPage } from "@entrada/auth/react";
import type { QueryClient } from "@tanstack/react-query";
import { QueryClientProvider } from "@tanstack/react-query";
import { CatchBoundary, RouterProvider } from "@tanstack/react-router";
import type { RegisteredRouter } from "@tanstack/react-router";
import type { TRPCClient } from "@trpc/client";
import type { AppRouter } from "@entrada/api";
import { useCallback } from "react";
import type { ReactElement } from "react";
import { SessionWatch } from "./api/session-watch.js";
import { trpc } from "./api/trpc.js";
import { forgetPendingAction } from "./confirmation/pending-action.js";
import { ErrorPage } from "./pages/error-page.js";
import { OtherNamePage } from "./pages/other-name-page.js";
import { AppTheme } from "./theme/app-theme.js";

/** The parts of the app, which `main.tsx` and the tests create. */
export interface AppProps {
  readonly apiClient: TRPCClient<AppRouter>;
  readonly authClient: AuthClient;
  readonly queryClient: QueryClient;
  readonly router: RegisteredRouter;
  readonly page?: BrowserPage | undefined;
  /** The same page at APP_URL, if the current page is on another origin. */
  readonly ownAddress?: string | undefined;
}

export function App({
  apiClient,
  authClient,
  queryClient,
  router,
  page,
  ownAddress,
}: AppProps): ReactElement {
  // Data of one user must not stay in memory for the next.
  const forgetPerson = useCallback(() => {
    queryClient.clear();
    forgetPendingAction();
  }, [queryClient]);

  return (
    <AppTheme>
      <CatchBoundary getResetKey={resetNever} errorComponent={ErrorPage}>
        {ownAddress === undefined ? (
          <AuthProvider
            client={authClient}
            onSignedOut={forgetPerson}
            page={page}
          >
            <trpc.Provider client={apiClient} queryClient={queryClient}>
              <QueryClientProvider client={queryClient}>
                <SessionWatch />
                <RouterProvider router={router} />
              </QueryClientProvider>
            </trpc.Provider>
          </AuthProvider>
        ) : (
          <OtherNamePage ownAddress={ownAddress} />
        )}
      </CatchBoundary>
    </AppTheme>
  );
}

function resetNever(): string {
  return "";
}
