import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { testPeople } from "../../testing/provider/test-people.js";
import { signIn } from "../../testing/sign-in.js";
import { createTestAuth, createTestPorts } from "../../testing/test-auth.js";
import type { TestPorts } from "../../testing/test-auth.js";
import { createDigest } from "../digest.js";
import { createFlowId, createFlowStart, takeFlow } from "./flow.js";
import type { FlowRequest, InitiatedFlow } from "./flow.js";
import type { State } from "../identifiers.js";
import type { Flow } from "../stores/flow-store.js";
import { createSealer } from "../sealer.js";
import type { ActiveUser } from "../session/active-session.js";

const { ada } = testPeople;

async function initiate(ports: TestPorts, request: FlowRequest = {}) {
  const flow = await createFlowStart(ports).initiateFlow(request);
  const { searchParams } = new URL(flow.authorizationUrl);
  return {
    ...flow,
    searchParams,
    state: (searchParams.get("state") ?? "") as State,
  };
}

/** Returns ports that record the added flows. */
function watchFlows(ports: TestPorts): {
  readonly ports: TestPorts;
  readonly flows: Flow[];
} {
  const flows: Flow[] = [];
  const add = async (flow: Flow) => {
    flows.push(flow);
    await ports.flowStore.add(flow);
  };
  return { flows, ports: { ...ports, flowStore: { ...ports.flowStore, add } } };
}

describe("initiateFlow", () => {
  it("[F2] creates a new state, nonce, code verifier and browser token of 256 bits for each flow", async () => {
    const ports = createTestPorts();

    const flows = [await initiate(ports), await initiate(ports)];

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
    const ports = createTestPorts();
    const { state, browserToken, searchParams } = await initiate(ports);

    const { codeVerifier } = await takeFlow(
      ports,
      createDigest(state),
      browserToken,
    );

    expect(searchParams.get("code_challenge_method")).toBe("S256");
    expect(searchParams.get("code_challenge")).toBe(
      createHash("sha256").update(codeVerifier).digest("base64url"),
    );
  });

  it("stores no secret of the flow in plain text", async () => {
    const { ports, flows } = watchFlows(createTestPorts());
    const { state, browserToken } = await initiate(ports);

    const { codeVerifier } = await takeFlow(
      ports,
      createDigest(state),
      browserToken,
    );

    for (const secret of [state, browserToken, codeVerifier])
      expect(JSON.stringify(flows)).not.toContain(secret);
  });

  it("requests only sign-in scopes by default, and passes the given options on", async () => {
    const ports = createTestPorts();

    const plain = await initiate(ports);
    const hinted = await initiate(ports, {
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
    const url = await initiate(createTestPorts(), {
      loginHint,
      domainHint: "fabrikam.test",
    });

    expect(url.searchParams.has("login_hint")).toBe(false);
    expect(url.searchParams.get("domain_hint")).toBe("fabrikam.test");
  });

  it("sends the domain hint with a user name, and not with an opaque hint", async () => {
    const domainHint = "contoso.test";

    const named = await initiate(createTestPorts(), {
      loginHint: "ada@contoso.test",
      domainHint,
    });
    const opaque = await initiate(createTestPorts(), {
      loginHint: "O.CiQ1YjM0",
      domainHint,
    });

    expect(named.searchParams.get("domain_hint")).toBe(domainHint);
    expect(opaque.searchParams.get("login_hint")).toBe("O.CiQ1YjM0");
    expect(opaque.searchParams.has("domain_hint")).toBe(false);
  });

  it("sends no login hint with select_account", async () => {
    const url = await initiate(createTestPorts(), {
      prompt: "select_account",
      loginHint: "O.CiQ1YjM0",
      domainHint: "contoso.test",
    });

    expect(url.searchParams.has("login_hint")).toBe(false);
    expect(url.searchParams.get("domain_hint")).toBe("contoso.test");
  });

  it("[F23] does not let a return URL inject parameters into the authorization request", async () => {
    const ports = createTestPorts();

    const { authorizationUrl } = await initiate(ports, {
      returnUrl: "/orders&redirect_uri=https://evil.test&prompt=none#x",
    });

    expect(authorizationUrl).not.toContain("evil");
    expect(
      new URL(authorizationUrl).searchParams.getAll("redirect_uri"),
    ).toEqual(["https://app.test/auth/callback"]);
  });

  it("stores nothing while the identity provider is unavailable", async () => {
    const { ports, flows } = watchFlows(createTestPorts());
    ports.identityClient.identityProvider.answerWith(
      "metadata",
      () => new Response("", { status: 500 }),
    );

    const initiating = initiate(ports);

    await expect(initiating).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
    expect(flows).toEqual([]);
  });

  it("derives the flow ID from the digest of the state", async () => {
    const { flowId, state } = await initiate(createTestPorts());

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
    const ports = createTestPorts();
    const { state, browserToken } = await initiate(ports, {
      returnUrl: "/orders",
    });

    const flow = await takeFlow(ports, createDigest(state), browserToken);

    expect(flow.returnUrl).toBe("https://app.test/orders");
    await expect(
      takeFlow(ports, createDigest(state), browserToken),
    ).rejects.toMatchObject({
      code: "flow_not_found",
    });
  });

  it("returns the flow to only one of 100 concurrent callers", async () => {
    const ports = createTestPorts();
    const { state, browserToken } = await initiate(ports);

    const results = await Promise.allSettled(
      Array.from({ length: 100 }, () =>
        takeFlow(ports, createDigest(state), browserToken),
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
      const ports = createTestPorts();
      const flow = await initiate(ports);
      const other = await initiate(ports);

      const foreign = takeFlow(
        ports,
        createDigest(flow.state),
        choose(flow, other),
      );

      await expect(foreign).rejects.toMatchObject({ code: "browser_mismatch" });
      await expect(
        takeFlow(ports, createDigest(flow.state), flow.browserToken),
      ).resolves.toBeDefined();
    },
  );

  it("throws flow_not_found as soon as the flow has expired", async () => {
    const ports = createTestPorts();
    const [early, late] = [await initiate(ports), await initiate(ports)];

    ports.clock.advance(599);
    const inTime = await takeFlow(
      ports,
      createDigest(early.state),
      early.browserToken,
    );
    ports.clock.advance(1);

    expect(inTime).toBeDefined();
    await expect(
      takeFlow(ports, createDigest(late.state), late.browserToken),
    ).rejects.toMatchObject({ code: "flow_not_found" });
  });

  it("throws flow_not_found if the flow's secret is no longer configured", async () => {
    const ports = createTestPorts();
    const { state, browserToken } = await initiate(ports);

    const taking = takeFlow(
      { ...ports, sealer: createSealer([new Uint8Array(32).fill(9)]) },
      createDigest(state),
      browserToken,
    );

    await expect(taking).rejects.toMatchObject({ code: "flow_not_found" });
  });

  it("does not decrypt the code verifier of another flow", async () => {
    const { ports, flows } = watchFlows(createTestPorts());
    const first = await initiate(ports);
    const second = await initiate(ports);
    const [one, two] = flows;
    const take = async () =>
      one && two
        ? { ...one, sealedCodeVerifier: two.sealedCodeVerifier }
        : undefined;

    const taking = takeFlow(
      { ...ports, flowStore: { ...ports.flowStore, take } },
      createDigest(first.state),
      second.browserToken,
    );

    await expect(taking).rejects.toMatchObject({ code: "flow_not_found" });
  });
});
