import { createAuthClient } from "@entrada/auth/react";
import { render, screen } from "@testing-library/react";
import { StrictMode } from "react";
import { createQueryClient } from "../src/api/query-client.js";
import { createApiClient } from "../src/api/trpc.js";
import { App } from "../src/app.js";
import { findOwnAddress } from "../src/own-address.js";
import { createAppRouter } from "../src/router.js";
import type { FakeServer } from "./fake-server.js";

/** Renders the app at an address with a fake server, and waits for the page's heading. */
export async function showApp(
  address: string,
  server: FakeServer,
  { appUrl }: { readonly appUrl?: string } = {},
): Promise<void> {
  window.history.replaceState(null, "", address);
  const apiClient = createApiClient([server.link]);
  render(
    <StrictMode>
      <App
        apiClient={apiClient}
        authClient={createAuthClient(apiClient.auth)}
        queryClient={createQueryClient()}
        router={createAppRouter()}
        ownAddress={findOwnAddress(appUrl, window.location.href)}
      />
    </StrictMode>,
  );
  await screen.findByRole("heading", { level: 1 });
}
