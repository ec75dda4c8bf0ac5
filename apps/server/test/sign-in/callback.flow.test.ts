import { builtInPeople, builtInTenants } from "@entrada/entra-emulator";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { countRows, withDatabase } from "../support/database-file.js";
import { passProvider } from "../support/provider/provider-pages.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import { readQuery } from "../support/visitor.js";
import type {
  CallbackQuery,
  LoginRequest,
  Visitor,
} from "../support/visitor.js";

const { ada, nora } = builtInPeople;
const { contoso, fabrikam } = builtInTenants;

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

beforeEach(() => {
  site.emulator.control.clearFaults();
  site.emulator.control.clearRequests();
  withDatabase(site.server.databasePath, (database) =>
    database.exec(
      "DELETE FROM auth_session; DELETE FROM auth_user; DELETE FROM auth_flow; DELETE FROM auth_token_cache",
    ),
  );
});

afterAll(async () => {
  await site?.stop();
});

const nothing = { user: 0, session: 0, token_cache: 0 };

/** Delivers the callback and expects a refusal without a session, a user or a session cookie. */
async function expectRefusal(
  visitor: Visitor,
  query: unknown,
  authCode: string,
  status = 400,
): Promise<void> {
  const response = await visitor.mutate("auth.callback", query);

  expect(response.error?.data).toMatchObject({ authCode, httpStatus: status });
  expect(response.status).toBe(status);
  expect(response.headers.getSetCookie().join()).not.toMatch(
    /session-\d+=[^;]/,
  );
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(countRows(site.server.databasePath)).toMatchObject(nothing);
  expect((await visitor.query("auth.me")).data).toBeNull();
}

/** Returns the number of codes that were redeemed at the identity provider. */
function countRedemptions(): number {
  return site.emulator.control.requests("token").length;
}

describe("a callback", () => {
  it("[F3] is refused without a flow of its state, and no code is redeemed", async () => {
    const visitor = site.createVisitor();
    const query = await visitor.reachCallback(ada.upn);

    await expectRefusal(
      visitor,
      { ...query, state: "A".repeat(43) },
      "flow_not_found",
    );
    await expectRefusal(visitor, { ...query, state: "" }, "flow_not_found");
    await expectRefusal(
      visitor,
      { ...query, state: "x".repeat(9000) },
      "flow_not_found",
    );

    expect(countRedemptions()).toBe(0);
  });

  it("[F3] is refused without exactly one state, and no code is redeemed", async () => {
    const visitor = site.createVisitor();
    const { state, ...query } = await visitor.reachCallback(ada.upn);

    await expectRefusal(visitor, query, "invalid_request");
    await expectRefusal(
      visitor,
      { ...query, state: [state, state] },
      "invalid_request",
    );
    await expectRefusal(visitor, {}, "invalid_request");

    expect(countRedemptions()).toBe(0);
  });

  it("[F6] is refused if its flow has expired", async () => {
    const visitor = site.createVisitor();
    const query = await visitor.reachCallback(ada.upn);
    withDatabase(site.server.databasePath, (database) =>
      database
        .prepare("UPDATE auth_flow SET expires_at = ?")
        .run(Date.now() - 1),
    );

    await expectRefusal(visitor, query, "flow_not_found");

    expect(countRedemptions()).toBe(0);
  });

  it("[F3] is honoured once; a repetition is refused and does not end the session", async () => {
    const visitor = site.createVisitor();
    const query = await visitor.reachCallback(ada.upn);
    const { name } = (await visitor.mutate("auth.callback", query)).data.user;

    const replay = await visitor.mutate("auth.callback", query);

    expect(replay.error?.data.authCode).toBe("flow_not_found");
    expect((await visitor.query("auth.me")).data?.user.name).toBe(name);
    expect(countRedemptions()).toBe(1);
  });

  it("[F4] is refused in another browser, and still honoured in its own", async () => {
    const visitor = site.createVisitor();
    const query = await visitor.reachCallback(ada.upn);
    const victim = site.createVisitor();
    await victim.mutate("auth.login", {});

    await expectRefusal(victim, query, "browser_mismatch");
    await expectRefusal(site.createVisitor(), query, "browser_mismatch");

    expect(countRedemptions()).toBe(0);
    expect((await visitor.mutate("auth.callback", query)).status).toBe(200);
  });

  it("[F4] is refused with another flow's cookie under its own name", async () => {
    const [visitor, attacker] = [site.createVisitor(), site.createVisitor()];
    const query = await visitor.reachCallback(ada.upn);
    await attacker.mutate("auth.login", {});
    const [name = ""] = [...visitor.cookies().keys()].filter((cookie) =>
      cookie.startsWith(visitor.names.flowPrefix),
    );
    const [value = ""] = attacker.cookies().values();
    attacker.browser.setCookie(site.origin, name, value);

    await expectRefusal(attacker, query, "browser_mismatch");

    expect(countRedemptions()).toBe(0);
  });

  it("[F14] is refused if a parameter is repeated, before the code is redeemed", async () => {
    for (const name of ["code", "iss", "error"]) {
      const visitor = site.createVisitor();
      const query = await visitor.reachCallback(ada.upn);
      const value = query[name] ?? `${site.emulator.origin}/x/v2.0`;

      await expectRefusal(
        visitor,
        { ...query, [name]: [value, value].flat() },
        name === "iss" ? "issuer_mismatch" : "invalid_request",
      );
    }
    expect(countRedemptions()).toBe(0);
  });

  it("is refused without a code and an error, and with an overlong code", async () => {
    for (const code of [undefined, "", "c".repeat(9000)]) {
      const visitor = site.createVisitor();
      const query = await visitor.reachCallback(ada.upn);

      await expectRefusal(visitor, { ...query, code }, "invalid_request");
    }
    expect(countRedemptions()).toBe(0);
  });

  it("is refused with a code that the provider did not issue", async () => {
    const visitor = site.createVisitor();
    const query = await visitor.reachCallback(ada.upn);

    await expectRefusal(
      visitor,
      { ...query, code: "1.made-up" },
      "code_rejected",
    );
  });

  it("[F11] is refused if the codes of two flows of one browser are swapped", async () => {
    const visitor = site.createVisitor();
    const one = await visitor.reachCallback(ada.upn);
    const other = await visitor.reachCallback(ada.upn);

    await expectRefusal(
      visitor,
      { ...one, code: other["code"] },
      "code_rejected",
    );
    await expectRefusal(
      visitor,
      { ...other, code: one["code"] },
      "code_rejected",
    );
  });
});

function listOtherIssuers(): readonly string[] {
  const { origin } = site.emulator;
  return [
    "https://login.microsoftonline.com/common/v2.0",
    "https://evil.test/v2.0",
    `${origin}/{tenantid}/v2.0`,
    `${origin}/organizations/v2.0`,
    `${origin}/${contoso.tenantId}/v2.0/`,
    `${origin}/${contoso.tenantId}`,
    "",
  ];
}

describe("the parameter iss (RFC 9207)", () => {
  it("is accepted if it is the provider's", async () => {
    const visitor = site.createVisitor();
    const query = await visitor.reachCallback(ada.upn);

    const response = await visitor.mutate("auth.callback", {
      ...query,
      iss: `${site.emulator.origin}/${contoso.tenantId}/v2.0`,
    });

    expect(response.status).toBe(200);
  });

  it("[F13] is refused if it is another issuer's, before the code is redeemed", async () => {
    for (const iss of listOtherIssuers()) {
      const visitor = site.createVisitor();
      const query = await visitor.reachCallback(ada.upn);

      await expectRefusal(visitor, { ...query, iss }, "issuer_mismatch");
    }
    expect(countRedemptions()).toBe(0);
  });

  it("[F15] is also refused in an error response", async () => {
    for (const iss of listOtherIssuers()) {
      const visitor = site.createVisitor();
      const { state } = await visitor.reachCallback(ada.upn);

      await expectRefusal(
        visitor,
        { state, error: "access_denied", iss },
        "issuer_mismatch",
      );
    }
  });

  it("[F15] is refused in an error response if it is repeated, even if one is the provider's", async () => {
    const own = `${site.emulator.origin}/${contoso.tenantId}/v2.0`;
    for (const iss of [
      [own, own],
      [own, "https://evil.test/v2.0"],
    ]) {
      const visitor = site.createVisitor();
      const { state } = await visitor.reachCallback(ada.upn);

      await expectRefusal(
        visitor,
        { state, error: "access_denied", iss },
        "issuer_mismatch",
      );
    }
  });

  it("does not replace the issuer of the ID token", async () => {
    site.emulator.control.setFault({
      type: "id_token_claims",
      set: { iss: `${site.emulator.origin}/${fabrikam.tenantId}/v2.0` },
    });
    const visitor = site.createVisitor();
    const query = await visitor.reachCallback(ada.upn);

    await expectRefusal(visitor, query, "id_token_invalid", 502);
  });
});

describe("an error of the identity provider", () => {
  it.each([
    ["access_denied", "authorization_denied", 403],
    ["consent_required", "consent_required", 403],
    ["login_required", "login_required", 401],
    ["interaction_required", "interaction_required", 401],
    ["server_error", "identity_provider_unavailable", 503],
    ["temporarily_unavailable", "identity_provider_unavailable", 503],
    ["invalid_request", "authorization_failed", 502],
    ["<script>", "authorization_failed", 502],
    ["__proto__", "authorization_failed", 502],
    ["", "authorization_failed", 502],
  ])("[F18] %j becomes %s", async (error, authCode, status) => {
    const visitor = site.createVisitor();
    const { state } = await visitor.reachCallback(ada.upn);

    await expectRefusal(visitor, { state, error }, authCode, status);

    expect(countRedemptions()).toBe(0);
  });

  it("[F17] does not end a flow of another browser", async () => {
    const { state } = await site.createVisitor().reachCallback(ada.upn);

    await expectRefusal(
      site.createVisitor(),
      { state, error: "access_denied" },
      "browser_mismatch",
    );
    await expectRefusal(
      site.createVisitor(),
      { error: "access_denied" },
      "authorization_denied",
      403,
    );
  });

  it("ends the flow", async () => {
    const visitor = site.createVisitor();
    const query = await visitor.reachCallback(ada.upn);
    await visitor.mutate("auth.callback", {
      state: query["state"],
      error: "access_denied",
    });

    await expectRefusal(visitor, query, "flow_not_found");
  });

  it("[F20] is reported without the provider's text", async () => {
    const visitor = site.createVisitor();
    const { state } = await visitor.reachCallback(ada.upn);

    const response = await visitor.mutate("auth.callback", {
      state,
      error: "invalid_client",
      error_description:
        "AADSTS650051: <img src=x onerror=alert(1)> call 555-0100 Trace ID: 00000000-0000-4000-8000-000000000001",
      error_uri: "https://evil.test/help",
    });

    expect(response.text).not.toMatch(/<img|555-0100|evil\.test/);
    expect(response.error?.data.provider).toEqual({
      error: "invalid_client",
      aadsts: "AADSTS650051",
      traceId: "00000000-0000-4000-8000-000000000001",
    });
  });

  it("[F18] is reported if the visitor cancels in the account picker", async () => {
    const visitor = site.createVisitor();
    const query = await leaveProvider(visitor, {}, { cancel: true });

    await expectRefusal(visitor, query, "authorization_denied", 403);
  });

  it("[F18] is reported if the visitor declines consent", async () => {
    site.emulator.control.revokeConsent(nora.upn);
    const visitor = site.createVisitor();
    const query = await leaveProvider(visitor, {}, { consent: "cancel" });

    await expectRefusal(visitor, query, "authorization_denied", 403);
  });

  it("[F18] is reported if the prompt is none and the visitor is not signed in at the provider", async () => {
    const visitor = site.createVisitor();
    const query = await leaveProvider(visitor, { prompt: "none" }, {});

    await expectRefusal(visitor, query, "login_required", 401);
  });

  it.each([
    [65001, "consent_required", "consent_required", 403],
    [50076, "interaction_required", "interaction_required", 401],
    [90033, "temporarily_unavailable", "identity_provider_unavailable", 503],
    [50011, "invalid_request", "authorization_failed", 502],
  ])(
    "[F19] AADSTS%i, %s, becomes %s",
    async (code, error, authCode, status) => {
      site.emulator.control.setFault({
        type: "authorization_error",
        code,
        error,
      });
      const visitor = site.createVisitor();
      const query = await leaveProvider(visitor, {}, {});

      await expectRefusal(visitor, query, authCode, status);
    },
  );
});

async function leaveProvider(
  visitor: Visitor,
  request: LoginRequest,
  choices: Parameters<typeof passProvider>[3],
): Promise<CallbackQuery> {
  const { authorizationUrl } = (await visitor.mutate("auth.login", request))
    .data;
  const { location } = await passProvider(
    visitor.browser,
    authorizationUrl,
    nora.upn,
    choices,
  );
  return readQuery(location ?? "");
}

describe("concurrent callbacks", () => {
  it("[F8] succeed for each tab", async () => {
    const visitor = site.createVisitor();
    const pages = ["/one", "/two"];
    const tabs = await Promise.all(
      pages.map((returnUrl) =>
        visitor.reachCallback(ada.upn, { returnUrl, prompt: "login" }),
      ),
    );

    const responses = await Promise.all(
      tabs.map((query) => visitor.mutate("auth.callback", query)),
    );

    expect(responses.map(({ data }) => data.returnUrl)).toEqual(
      pages.map((page) => `${site.origin}${page}`),
    );
    expect((await visitor.query("auth.me")).data?.user.objectId).toBe(
      ada.home.objectId,
    );
  });
});

describe("abandoned sign-ins", () => {
  it("leave at most the 30 newest flow cookies, and the next sign-in succeeds", async () => {
    const visitor = site.createVisitor();
    for (let start = 0; start < 50; start++) {
      const response = await visitor.mutate("auth.login", {});
      expect(response.status).toBe(200);
    }

    const names = [...visitor.cookies().keys()];
    const response = await visitor.signIn(ada.upn);

    expect(names).toHaveLength(30);
    expect(response.status).toBe(200);
  });

  it("do not block a sign-in if their cookies are invalid", async () => {
    const visitor = site.createVisitor();
    for (let index = 0; index < 40; index++)
      visitor.browser.setCookie(
        site.origin,
        `${visitor.names.flowPrefix}${index}`,
        "planted",
      );

    const response = await visitor.signIn(ada.upn);

    expect(response.status).toBe(200);
    expect(
      [...visitor.cookies().keys()].filter((name) =>
        name.startsWith(visitor.names.flowPrefix),
      ).length,
    ).toBeLessThanOrEqual(30);
  });
});
