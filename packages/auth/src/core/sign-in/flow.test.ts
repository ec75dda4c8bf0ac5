import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { testPeople } from "../../testing/provider/test-people.js";
import { signIn } from "../../testing/sign-in.js";
import { createTestAuth, createTestCore } from "../../testing/test-auth.js";
import type { TestCore } from "../../testing/test-auth.js";
import { createDigest } from "../digest.js";
import { createFlowId, createFlowStart, takeFlow } from "./flow.js";
import type { FlowRequest, InitiatedFlow } from "./flow.js";
import type { State } from "../identifiers.js";
import type { Flow } from "../stores/flow-store.js";
import { createSealer } from "../sealer.js";
import type { ActiveUser } from "../session/active-session.js";

const { ada } = testPeople;

async function initiate(core: TestCore, request: FlowRequest = {}) {
  const flow = await createFlowStart(core).initiateFlow(request);
  const { searchParams } = new URL(flow.authorizationUrl);
  return {
    ...flow,
    searchParams,
    state: (searchParams.get("state") ?? "") as State,
  };
}

/** Returns core that record the added flows. */
function watchFlows(core: TestCore): {
  readonly core: TestCore;
  readonly flows: Flow[];
} {
  const flows: Flow[] = [];
  const add = async (flow: Flow) => {
    flows.push(flow);
    await core.flowStore.add(flow);
  };
  return { flows, core: { ...core, flowStore: { ...core.flowStore, add } } };
}

describe("initiateFlow", () => {
  it("[F2] creates a new state, nonce, code verifier and browser token of 256 bits for each flow", async () => {
    const core = createTestCore();

    const flows = [await initiate(core), await initiate(core)];

    const secrets = flows.flatMap(({ state, searchParams, browserToken }) => [
      state,
      searchParams.get("nonce") ?? "",
      searchParams.get("code_challenge") ?? "",
      browserToken,
    ]);
    expect(new Set(secrets).size).toBe(8);
    expect(
      secrets.every((secret) => Buffer.from(secret, "base64url").length === 32),
    ).toBe(true);
  });

  it("[F2] sends the S256 challenge of the code verifier that it stores sealed", async () => {
    const core = createTestCore();
    const { state, browserToken, searchParams } = await initiate(core);

    const { codeVerifier } = await takeFlow(
      core,
      createDigest(state),
      browserToken,
    );

    expect(searchParams.get("code_challenge_method")).toBe("S256");
    expect(searchParams.get("code_challenge")).toBe(
      createHash("sha256").update(codeVerifier).digest("base64url"),
    );
  });

  it("stores no secret of the flow in plain text", async () => {
    const { core, flows } = watchFlows(createTestCore());
    const { state, browserToken } = await initiate(core);

    const { codeVerifier } = await takeFlow(
      core,
      createDigest(state),
      browserToken,
    );

    for (const secret of [state, browserToken, codeVerifier])
      expect(JSON.stringify(flows)).not.toContain(secret);
  });

  it("requests only sign-in scopes by default, and passes the given options on", async () => {
    const core = createTestCore();

    const plain = await initiate(core);
    const hinted = await initiate(core, {
      scopes: ["User.Read"],
      prompt: "login",
      loginHint: "ada@contoso.test",
      domainHint: "contoso.test",
      claims: "{}",
    });

    expect(plain.searchParams.get("scope")).toBe("openid profile");
    expect(Object.fromEntries(hinted.searchParams)).toMatchObject({
      scope: "openid profile offline_access User.Read",
      prompt: "login",
      login_hint: "ada@contoso.test",
      domain_hint: "contoso.test",
      claims: "{}",
    });
  });

  it.each([
    ["user_contoso.com#EXT#@fabrikam.onmicrosoft.com"],
    ["user_contoso.com#ext#@fabrikam.onmicrosoft.com"],
  ])("never sends a guest's user name, %s, as a hint", async (loginHint) => {
    const url = await initiate(createTestCore(), {
      loginHint,
      domainHint: "fabrikam.test",
    });

    expect(url.searchParams.has("login_hint")).toBe(false);
    expect(url.searchParams.get("domain_hint")).toBe("fabrikam.test");
  });

  it("sends the domain hint with a user name, and not with an opaque hint", async () => {
    const domainHint = "contoso.test";

    const named = await initiate(createTestCore(), {
      loginHint: "ada@contoso.test",
      domainHint,
    });
    const opaque = await initiate(createTestCore(), {
      loginHint: "O.CiQ1YjM0",
      domainHint,
    });

    expect(named.searchParams.get("domain_hint")).toBe(domainHint);
    expect(opaque.searchParams.get("login_hint")).toBe("O.CiQ1YjM0");
    expect(opaque.searchParams.has("domain_hint")).toBe(false);
  });

  it("ignores an empty login hint", async () => {
    const { searchParams } = await initiate(createTestCore(), {
      loginHint: "",
      domainHint: "contoso.test",
    });

    expect(searchParams.get("login_hint")).toBeNull();
    expect(searchParams.get("domain_hint")).toBe("contoso.test");
  });

  it("sends no login hint with select_account", async () => {
    const url = await initiate(createTestCore(), {
      prompt: "select_account",
      loginHint: "O.CiQ1YjM0",
      domainHint: "contoso.test",
    });

    expect(url.searchParams.has("login_hint")).toBe(false);
    expect(url.searchParams.get("domain_hint")).toBe("contoso.test");
  });

  it("[F23] does not let a return URL inject parameters into the authorization request", async () => {
    const core = createTestCore();

    const { authorizationUrl } = await initiate(core, {
      returnUrl: "/orders&redirect_uri=https://evil.test&prompt=none#x",
    });

    expect(authorizationUrl).not.toContain("evil");
    expect(
      new URL(authorizationUrl).searchParams.getAll("redirect_uri"),
    ).toEqual(["https://app.test/auth/callback"]);
  });

  it("stores nothing while the identity provider is unavailable", async () => {
    const { core, flows } = watchFlows(createTestCore());
    core.identityClient.identityProvider.answerWith(
      "metadata",
      () => new Response("", { status: 500 }),
    );

    const initiating = initiate(core);

    await expect(initiating).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
    expect(flows).toEqual([]);
  });

  it("derives the flow ID from the digest of the state", async () => {
    const { flowId, state } = await initiate(createTestCore());

    expect(flowId).toBe(createFlowId(createDigest(state)));
    expect(state).not.toContain(flowId);
  });
});

describe("initiateFlow with an active session", () => {
  const ownHint = `login-hint-of-${ada.objectId}`;

  it.each<[string, FlowRequest, Partial<ActiveUser>, string | null]>([
    ["the user name", { loginHint: "ADA@contoso.test" }, {}, ownHint],
    ["another user name", { loginHint: "b@c.test" }, {}, "b@c.test"],
    ["no login hint", {}, {}, null],
    ["no login hint and no user name", {}, { preferredUsername: null }, null],
  ])(
    "sends the session's own login hint only for its user name: %s",
    async (_, request, changes, sent) => {
      const test = createTestAuth();
      const { user, session } = await signIn(test, { person: ada });

      const { authorizationUrl } = await test.auth.initiateFlow(request, {
        user: { ...user, ...changes },
        session,
      });

      const { searchParams } = new URL(authorizationUrl);
      expect(searchParams.get("login_hint")).toBe(sent);
    },
  );

  it("keeps the given login hint if the session has ended", async () => {
    const test = createTestAuth();
    const completed = await signIn(test, { person: ada });
    await test.auth.endAllSessions(completed);
    const { user, session } = completed;

    const { authorizationUrl } = await test.auth.initiateFlow(
      { loginHint: ada.preferredUsername },
      { user, session: { ...session } },
    );

    const { searchParams } = new URL(authorizationUrl);
    expect(searchParams.get("login_hint")).toBe(ada.preferredUsername);
  });
});

describe("takeFlow", () => {
  it("returns a flow once and then throws flow_not_found", async () => {
    const core = createTestCore();
    const { state, browserToken } = await initiate(core, {
      returnUrl: "/orders",
    });

    const flow = await takeFlow(core, createDigest(state), browserToken);

    expect(flow.returnUrl).toBe("https://app.test/orders");
    await expect(
      takeFlow(core, createDigest(state), browserToken),
    ).rejects.toMatchObject({
      code: "flow_not_found",
    });
  });

  it("returns the flow to only one of 100 concurrent callers", async () => {
    const core = createTestCore();
    const { state, browserToken } = await initiate(core);

    const results = await Promise.allSettled(
      Array.from({ length: 100 }, () =>
        takeFlow(core, createDigest(state), browserToken),
      ),
    );

    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(
      1,
    );
  });

  it.each<
    [string, (flow: InitiatedFlow, other: InitiatedFlow) => string | undefined]
  >([
    ["no cookie", () => undefined],
    ["an empty cookie", () => ""],
    ["another flow's cookie", (_, other) => other.browserToken],
    [
      "the digest of the browser token",
      ({ browserToken }) => createDigest(browserToken),
    ],
  ])(
    "throws browser_mismatch for %s and keeps the flow for its own browser",
    async (_, choose) => {
      const core = createTestCore();
      const flow = await initiate(core);
      const other = await initiate(core);

      const foreign = takeFlow(
        core,
        createDigest(flow.state),
        choose(flow, other),
      );

      await expect(foreign).rejects.toMatchObject({ code: "browser_mismatch" });
      await expect(
        takeFlow(core, createDigest(flow.state), flow.browserToken),
      ).resolves.toBeDefined();
    },
  );

  it("throws flow_not_found as soon as the flow has expired", async () => {
    const core = createTestCore();
    const [early, late] = [await initiate(core), await initiate(core)];

    core.clock.advance(599);
    const inTime = await takeFlow(
      core,
      createDigest(early.state),
      early.browserToken,
    );
    core.clock.advance(1);

    expect(inTime).toBeDefined();
    await expect(
      takeFlow(core, createDigest(late.state), late.browserToken),
    ).rejects.toMatchObject({ code: "flow_not_found" });
  });

  it("throws flow_not_found if the flow's secret is no longer configured", async () => {
    const core = createTestCore();
    const { state, browserToken } = await initiate(core);

    const taking = takeFlow(
      { ...core, sealer: createSealer([new Uint8Array(32).fill(9)]) },
      createDigest(state),
      browserToken,
    );

    await expect(taking).rejects.toMatchObject({ code: "flow_not_found" });
  });

  it("does not decrypt the code verifier of another flow", async () => {
    const { core, flows } = watchFlows(createTestCore());
    const first = await initiate(core);
    const second = await initiate(core);
    const [one, two] = flows;
    const take = async () =>
      one && two
        ? { ...one, sealedCodeVerifier: two.sealedCodeVerifier }
        : undefined;

    const taking = takeFlow(
      { ...core, flowStore: { ...core.flowStore, take } },
      createDigest(first.state),
      second.browserToken,
    );

    await expect(taking).rejects.toMatchObject({ code: "flow_not_found" });
  });
});
