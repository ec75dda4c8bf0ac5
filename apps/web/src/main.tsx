import { createAuthClient } from "@entrada/auth/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "./api/query-client.js";
import { createApiClient } from "./api/trpc.js";
import { App } from "./app.js";
import { readAppPath, readAppUrl } from "./app-address.js";
import { findOwnAddress } from "./own-address.js";
import { createAppRouter } from "./router.js";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with ID root.");

const apiClient = createApiClient();

createRoot(root).render(
  <StrictMode>
    <App
      apiClient={apiClient}
      authClient={createAuthClient(apiClient.auth)}
      queryClient={createQueryClient()}
      router={createAppRouter(readAppPath())}
      ownAddress={findOwnAddress(readAppUrl(), window.location.href)}
    />
  </StrictMode>,
);
