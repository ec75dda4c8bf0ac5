import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { countRows } from "../support/database-file.js";
import { startIndependentProvider } from "../support/provider/independent-provider.js";
import type { IndependentProvider } from "../support/provider/independent-provider.js";
import { startServerProcess } from "../support/processes.js";
import type { ServerProcess } from "../support/processes.js";
import { createVisitor, readQuery } from "../support/visitor.js";
import type { CallbackQuery, Visitor } from "../support/visitor.js";

// Requests to this URL are sent to the server, which starts after the provider.
const appUrl = "https://app.example.test";
const tenantId = "7a9c0000-0000-4000-8000-00000000071d";
const person = {
  sub: "independent-subject",
  tid: tenantId,
  oid: "0b1ec700-0000-4000-8000-000000000001",
  name: "Iris Independent",
  preferred_username: "iris@example.test",
};

let provider: IndependentProvider;
let server: ServerProcess;

beforeAll(async () => {
  const clientId = "5f1a7c52-0000-4000-8000-0c6a1e3f2b10";
  const clientSecret = "secret at the independent provider";
  provider = await startIndependentProvider({
    tenantId,
    clientId,
    clientSecret,
    appUrl,
    person,
  });
  server = await startServerProcess({
    authority: provider.origin,
    environment: {
      APP_URL: appUrl,
      ENTRA_TENANT: tenantId,
      ENTRA_CLIENT_ID: clientId,
      ENTRA_CLIENT_SECRET: clientSecret,
    },
  });
});

afterEach(() => {
  provider.refuse(undefined);
});

afterAll(async () => {
  await server?.stop();
  await provider?.close();
});

function createAppVisitor(): Visitor {
  return createVisitor(appUrl, { proxies: { [appUrl]: server.origin } });
}

/** Starts a sign-in and follows the provider's redirects until it leads back to the app. */
async function reachCallback(visitor: Visitor): Promise<CallbackQuery> {
  let { authorizationUrl: url } = (await visitor.mutate("auth.login", {})).data;
  while (!url.startsWith(`${appUrl}/`)) {
    const response = await visitor.browser.fetch(url);
    const location = response.headers.get("location");
    if (location === null)
      throw new Error(`No redirect from ${url}: ${await response.text()}`);
    url = new URL(location, url).href;
  }
  return readQuery(url);
}

describe("an independent certified provider", () => {
  it("signs a person in, and the ID token is validated with its keys", async () => {
    const visitor = createAppVisitor();

    const query = await reachCallback(visitor);
    const { user, isNewUser } = (await visitor.mutate("auth.callback", query))
      .data;

    expect(isNewUser).toBe(true);
    expect(user).toMatchObject({
      tenantId,
      objectId: person.oid,
      name: person.name,
      preferredUsername: person.preferred_username,
      email: null,
    });
    expect((await visitor.query("auth.me")).data?.user).toEqual(user);
  });

  it("[F2] receives a nonce and a code challenge, and sends iss in the callback", async () => {
    const visitor = createAppVisitor();
    const query = await reachCallback(visitor);
    await visitor.mutate("auth.callback", query);

    expect(provider.codes().at(-1)).toEqual({
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      codeChallenge: expect.stringMatching(/^[\w-]{43}$/),
      codeChallengeMethod: "S256",
      isConsumed: true,
    });
    expect(query["iss"]).toBe(provider.issuer);
  });

  it("[F11] refuses the code of another flow, because the code verifier differs", async () => {
    const visitor = createAppVisitor();
    const one = await reachCallback(visitor);
    const other = await reachCallback(visitor);

    const response = await visitor.mutate("auth.callback", {
      ...one,
      code: other["code"],
    });

    expect(response.error?.data.authCode).toBe("code_rejected");
    expect(provider.refusals.at(-1)).toContain("code_verifier");
  });

  it("[F16] announces iss, so that a callback without it or with another is refused before the code is redeemed", async () => {
    const visitor = createAppVisitor();
    const redeemed = provider.codes().filter(({ isConsumed }) => isConsumed);
    const { iss: _, ...without } = await reachCallback(visitor);
    const other = {
      ...(await reachCallback(visitor)),
      iss: `${provider.issuer}/`,
    };

    for (const query of [without, other])
      expect(
        (await visitor.mutate("auth.callback", query)).error?.data.authCode,
      ).toBe("issuer_mismatch");
    expect(
      provider.codes().filter(({ isConsumed }) => isConsumed),
    ).toHaveLength(redeemed.length);
  });

  it("reports that the person refused", async () => {
    provider.refuse("access_denied");
    const visitor = createAppVisitor();
    const { session } = countRows(server.databasePath);

    const response = await visitor.mutate(
      "auth.callback",
      await reachCallback(visitor),
    );

    expect(response).toMatchObject({
      status: 403,
      error: { data: { authCode: "authorization_denied" } },
    });
    expect(countRows(server.databasePath).session).toBe(session);
  });

  it("accepts the sign-out URL", async () => {
    const visitor = createAppVisitor();
    await visitor.mutate("auth.callback", await reachCallback(visitor));

    const { logoutUrl } = (await visitor.mutate("auth.logout")).data;
    const page = await visitor.browser.fetch(logoutUrl);

    expect(
      new URL(logoutUrl).searchParams.get("post_logout_redirect_uri"),
    ).toBe(`${appUrl}/`);
    expect(page.status).toBe(200);
    expect((await visitor.query("auth.me")).data).toBeNull();
  });
});
