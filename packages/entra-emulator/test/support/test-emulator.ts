import { afterAll, beforeAll, beforeEach } from "vitest";
import {
  type AppRegistration,
  builtInPeople,
  builtInTenants,
  demoApp,
  type EntraEmulator,
  type EntraEmulatorOptions,
  startEntraEmulator,
} from "../../src/index.js";

/** The time in the tests. */
export const NOW = new Date("2026-05-04T10:00:00Z");

/** A single-page app. */
export const spaApp: AppRegistration = {
  clientId: "5fa00000-0000-4000-8000-000000000001",
  displayName: "Single-page app",
  spaRedirectUris: ["http://localhost/spa"],
};

/** A desktop app. */
export const publicApp: AppRegistration = {
  clientId: "5fa00000-0000-4000-8000-000000000002",
  displayName: "Desktop app",
  publicClientRedirectUris: ["http://localhost/desktop"],
};

/** A web app without optional claims that also receives tokens from the authorization endpoint. */
export const plainApp: AppRegistration = {
  clientId: "5fa00000-0000-4000-8000-000000000003",
  clientSecret: "plain-secret",
  displayName: "Plain app",
  redirectUris: ["http://localhost/auth/callback", "https://app.example"],
  enableIdTokenIssuance: true,
  enableAccessTokenIssuance: true,
};

/** A web app with claims mapping, which has its own signing key. */
export const mappedApp: AppRegistration = {
  clientId: "5fa00000-0000-4000-8000-000000000006",
  clientSecret: "mapped-secret",
  displayName: "App with claims mapping",
  redirectUris: ["http://localhost/auth/callback"],
  customSigningKey: true,
};

/** An API with tokens of version 2. */
export const apiApp: AppRegistration = {
  clientId: "5fa00000-0000-4000-8000-000000000004",
  displayName: "Orders API",
  appRoles: ["Orders.Export", "Orders.Import"],
  api: {
    identifierUri: "api://orders",
    scopes: ["Orders.Read"],
    requestedAccessTokenVersion: 2,
  },
};

/** An API with tokens of version 1, because its registration requests no version. */
export const oldApiApp: AppRegistration = {
  clientId: "5fa00000-0000-4000-8000-000000000005",
  displayName: "Old API",
  api: {
    identifierUri: "api://old",
    scopes: ["Old.Read"],
  },
  appRoles: ["Old.Export"],
};

/** A daemon that may export orders. */
export const daemonApp: AppRegistration = {
  clientId: "5fa00000-0000-4000-8000-0000000000da",
  displayName: "Nightly export",
  clientSecret: "secret-of-the-daemon",
  applicationPermissions: [
    {
      resourceClientId: apiApp.clientId,
      roles: ["Orders.Export", "Orders.Unknown"],
    },
    { resourceClientId: oldApiApp.clientId, roles: ["Old.Export"] },
  ],
};

/** Starts one emulator for a test file and clears faults, requests and consents before every test. */
export function useEmulator(
  options: EntraEmulatorOptions = {},
): () => EntraEmulator {
  let emulator: EntraEmulator | undefined;
  const current = (): EntraEmulator => {
    if (emulator === undefined)
      throw new Error("The emulator has not been started.");
    return emulator;
  };
  beforeAll(async () => {
    const apps = [
      demoApp,
      spaApp,
      publicApp,
      plainApp,
      mappedApp,
      apiApp,
      oldApiApp,
      daemonApp,
    ];
    emulator = await startEntraEmulator({ apps, now: () => NOW, ...options });
  });
  beforeEach(() => {
    current().control.clearFaults();
    current().control.clearRequests();
    current().control.autoSignIn(undefined);
    current().control.revokeConsent();
  });
  afterAll(() => current().close());
  return current;
}

export { builtInPeople, builtInTenants, demoApp };
