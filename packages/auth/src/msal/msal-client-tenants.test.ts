import { parseCallback } from "../core/sign-in/callback.js";
import {
  builtInTenants,
  demoApp,
  startEntraEmulator,
} from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createAuth } from "../core/create-auth.js";
import type { CompletedFlow } from "../core/sign-in/complete-flow.js";
import { createMemoryStores } from "../testing/memory/stores.js";
import { createMsalClient } from "./msal-client.js";
import type { MsalClientOptions } from "./msal-client.js";

const appUrl = "http://localhost:3000";
const mappedApp = {
  clientId: "5fa00000-0000-4000-8000-0000000000aa",
  clientSecret: "secret-of-the-mapped-app",
  redirectUris: ["http://localhost/auth/callback"],
  customSigningKey: true,
};

let emulator: EntraEmulator;

beforeAll(async () => {
  emulator = await startEntraEmulator({ apps: [demoApp, mappedApp] });
});

afterEach(() => {
  emulator.control.clearFaults();
  emulator.control.autoSignIn(undefined);
});

afterAll(async () => {
  await emulator.close();
});

/** Signs a user in with a client of these options; `toEmulator` redirects its authorization URL to the emulator. */
async function signIn(
  upn: string,
  options: Partial<MsalClientOptions>,
  toEmulator: (url: string) => string = (url) => url,
): Promise<CompletedFlow> {
  const auth = createAuth({
    appUrl,
    identityClient: createMsalClient({
      authority: emulator.origin,
      tenant: "organizations",
      clientId: demoApp.clientId,
      clientSecret: demoApp.clientSecret,
      redirectUri: `${appUrl}/auth/callback`,
      ...options,
    }),
    stores: createMemoryStores(),
    secrets: [new Uint8Array(32).fill(1)],
  });
  const flow = await auth.initiateFlow();
  emulator.control.autoSignIn(upn);
  const response = await fetch(toEmulator(flow.authorizationUrl), {
    redirect: "manual",
  });
  const { searchParams } = new URL(response.headers.get("location") ?? "");
  return auth.completeFlow({
    ...parseCallback(Object.fromEntries(searchParams)),
    browserToken: flow.browserToken,
  });
}

describe("an app with claims mapping", () => {
  it("signs users in with the key that is published only for its client ID", async () => {
    const { clientId, clientSecret } = mappedApp;

    const { user } = await signIn("ada@contoso.com", {
      clientId,
      clientSecret,
    });

    expect(user.preferredUsername).toBe("ada@contoso.com");
  });
});

describe("an External ID tenant behind a custom domain", () => {
  const { tenantId } = builtInTenants.woodgrove;
  const authority = "https://login.woodgrove.test";
  const issuer = `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`;

  /** Serves the emulator under the custom domain, with the issuer of External ID, which stays the same. */
  function createDomainFetch(): typeof fetch {
    return async (input, init) => {
      const url = String(input).replace(authority, emulator.origin);
      const response = await fetch(url, init);
      const text = (await response.text())
        .replaceAll(/http:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]{36}\/v2\.0/g, issuer)
        .replaceAll(emulator.origin, authority);
      return new Response(text, response);
    };
  }

  it.each([tenantId, tenantId.toUpperCase()])(
    "signs its customer in if the configured tenant ID is the issuer's: %s",
    async (tenant) => {
      emulator.control.setFault({
        type: "id_token_claims",
        set: { iss: issuer },
      });

      const { user } = await signIn(
        "cleo@woodgrove.onmicrosoft.com",
        { authority, tenant, fetch: createDomainFetch() },
        (url) => url.replace(authority, emulator.origin),
      );

      expect(user.tenantId).toBe(tenantId);
    },
  );

  it("refuses the issuer if a domain is configured, because a domain does not identify the tenant", async () => {
    const signingIn = signIn("cleo@woodgrove.onmicrosoft.com", {
      authority,
      tenant: "woodgrove.onmicrosoft.com",
      fetch: createDomainFetch(),
    });

    await expect(signingIn).rejects.toMatchObject({
      code: "identity_provider_unavailable",
      message: expect.stringContaining("issuer"),
    });
  });
});
