import {
  type AccountInfo,
  ConfidentialClientApplication,
} from "@azure/msal-node";
import { describe, expect, it } from "vitest";
import type { EntraEmulator } from "../src/index.js";
import { openBrowser } from "./support/browser.js";
import {
  answerOf,
  CHALLENGE,
  REDIRECT_URI,
  VERIFIER,
} from "./support/relying-party.js";
import {
  builtInPeople,
  builtInTenants,
  demoApp,
  useEmulator,
} from "./support/test-emulator.js";

// MSAL compares expiry with the machine's clock, so this emulator uses it as well.
const emulator = useEmulator({ now: () => new Date() });

async function createClient({
  origin,
}: EntraEmulator): Promise<ConfidentialClientApplication> {
  const { host } = new URL(origin);
  const discovery = await fetch(
    `${origin}/organizations/v2.0/.well-known/openid-configuration`,
  );
  return new ConfidentialClientApplication({
    auth: {
      clientId: demoApp.clientId,
      clientSecret: demoApp.clientSecret,
      authority: `https://${host}/organizations`,
      knownAuthorities: [host],
      authorityMetadata: await discovery.text(),
    },
  });
}

describe("MSAL Node", () => {
  it("exchanges a code and refreshes silently with its own network client", async () => {
    const client = await createClient(emulator());
    const request = { scopes: [], redirectUri: REDIRECT_URI };
    const url = await client.getAuthCodeUrl({
      ...request,
      state: "msal-state",
      nonce: "msal-nonce",
      codeChallenge: CHALLENGE,
      codeChallengeMethod: "S256",
    });
    emulator().control.autoSignIn("ada@contoso.com");
    const { code = "", state = "" } = answerOf(await openBrowser().get(url));

    const result = await client.acquireTokenByCode(
      { ...request, code, codeVerifier: VERIFIER, state, nonce: "msal-nonce" },
      { code, state: "msal-state", nonce: "msal-nonce" },
    );
    const refreshed = await client.acquireTokenSilent({
      account: requireAccount(result.account),
      scopes: ["User.Read"],
      forceRefresh: true,
    });

    const { home } = builtInPeople.ada;
    expect(result.account?.homeAccountId).toBe(
      `${home.objectId}.${builtInTenants.contoso.tenantId}`,
    );
    expect(result.account?.username).toBe("ada@contoso.com");
    expect(refreshed.accessToken).not.toBe(result.accessToken);
    expect(refreshed.fromCache).toBe(false);
    const grants = emulator()
      .control.requests("token")
      .map(({ form }) => form.grant_type);
    expect(grants).toEqual(["authorization_code", "refresh_token"]);
  });

  it("reports missing consent as an error that requires interaction", async () => {
    const client = await createClient(emulator());
    const url = await client.getAuthCodeUrl({
      scopes: [],
      redirectUri: REDIRECT_URI,
    });
    emulator().control.autoSignIn("ben@contoso.com");
    const { code = "" } = answerOf(await openBrowser().get(url));
    const { account } = await client.acquireTokenByCode({
      code,
      scopes: [],
      redirectUri: REDIRECT_URI,
    });

    const silent = client.acquireTokenSilent({
      account: requireAccount(account),
      scopes: ["Mail.Read"],
    });

    await expect(silent).rejects.toMatchObject({
      name: "InteractionRequiredAuthError",
      subError: "consent_required",
    });
  });
});

function requireAccount(account: AccountInfo | null): AccountInfo {
  if (account === null) throw new Error("MSAL returned no account.");
  return account;
}
