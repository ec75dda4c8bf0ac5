import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { countRows } from "../support/database-file.js";
import { passProvider } from "../support/provider/provider-pages.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { LoginRequest } from "../support/visitor.js";

const { ada, nora } = builtInPeople;
const scopes = ["User.Read"];
const offlineAccess = /Maintain access/;

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

beforeEach(() => {
  site.emulator.control.clearRequests();
});

afterAll(async () => {
  await site?.stop();
});

/** Returns the scopes that were requested at the authorization and the token endpoint. */
function readRequestedScopes(): readonly string[] {
  const { control } = site.emulator;
  return [
    control.requests("authorize").at(-1)?.query["scope"] ?? "",
    control.requests("token").at(-1)?.form["scope"] ?? "",
  ];
}

/** Returns the consent page for Nora, who has not consented to anything. */
async function readConsentPage(request: LoginRequest): Promise<string> {
  site.emulator.control.revokeConsent(nora.upn);
  const visitor = site.createVisitor();
  const { authorizationUrl } = (await visitor.mutate("auth.login", request))
    .data;
  let consentPage = "";
  const { fetch: send } = visitor.browser;
  const browser = {
    ...visitor.browser,
    fetch: async (url: string, init?: RequestInit) => {
      const response = await send(url, init);
      const page = await response.clone().text();
      if (page.includes("consent-accept")) consentPage = page;
      return response;
    },
  };
  await passProvider(browser, authorizationUrl, nora.upn);
  return consentPage;
}

describe("a sign-in without scopes", () => {
  it("[T12] does not request offline_access and stores no tokens", async () => {
    const { status } = await site.createVisitor().signIn(ada.upn);

    expect(status).toBe(200);
    expect(readRequestedScopes()).toEqual(["openid profile", "openid profile"]);
    expect(countRows(site.server.databasePath).token_cache).toBe(0);
  });

  it("[T12] shows a consent page without offline access", async () => {
    const page = await readConsentPage({});

    expect(page).toContain("Permissions requested");
    expect(page).not.toMatch(offlineAccess);
  });
});

describe("a sign-in with scopes", () => {
  it("requests offline_access, shows it on the consent page, and stores the tokens", async () => {
    const page = await readConsentPage({ scopes });
    const before = countRows(site.server.databasePath).token_cache;
    await site.createVisitor().signIn(ada.upn, { scopes });

    expect(page).toMatch(offlineAccess);
    for (const scope of readRequestedScopes())
      expect(scope.split(" ")).toContain("offline_access");
    expect(countRows(site.server.databasePath).token_cache).toBe(before + 1);
  });

  it("keeps its tokens when a sign-in without scopes follows", async () => {
    const visitor = site.createVisitor();
    await visitor.signIn(ada.upn, { scopes });
    const { token_cache: kept } = countRows(site.server.databasePath);

    await visitor.signIn(ada.upn);

    expect(countRows(site.server.databasePath).token_cache).toBe(kept);
  });
});

async function readHints(request: LoginRequest): Promise<object> {
  const visitor = site.createVisitor();
  const { data } = await visitor.mutate("auth.login", request);
  const { searchParams } = new URL(data.authorizationUrl);
  return {
    login: searchParams.get("login_hint"),
    domain: searchParams.get("domain_hint"),
  };
}

describe("a hint", () => {
  it.each([
    [
      "the user name of a guest is not sent",
      { loginHint: "ada_contoso.com#EXT#@fabrikam.onmicrosoft.com" },
      { login: null, domain: null },
    ],
    [
      "a domain hint is not sent with an opaque login hint",
      { loginHint: "O.CiQ1YjM0", domainHint: "contoso.com" },
      { login: "O.CiQ1YjM0", domain: null },
    ],
    [
      "a domain hint is sent with a user name",
      { loginHint: ada.upn, domainHint: "contoso.com" },
      { login: ada.upn, domain: "contoso.com" },
    ],
    [
      "no hint is sent with prompt select_account",
      { loginHint: ada.upn, prompt: "select_account" as const },
      { login: null, domain: null },
    ],
  ])("[F32] of a sign-in: %s", async (_, request, hints) => {
    await expect(readHints(request)).resolves.toEqual(hints);
  });

  it("[F32] that is the signed-in user's user name is replaced by their login_hint claim", async () => {
    const visitor = site.createVisitor();
    await visitor.signIn(ada.upn);

    const { data } = await visitor.mutate("auth.login", {
      loginHint: ada.upn,
      maxAgeSeconds: 600,
    });

    expect(
      new URL(data.authorizationUrl).searchParams.get("login_hint"),
    ).toMatch(/^O\./);
  });
});
