import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { countRows } from "../support/database-file.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type {
  CallResponse,
  CallbackQuery,
  Visitor,
} from "../support/visitor.js";

const { ada } = builtInPeople;
const exchange = { type: "token_error", on: ["authorization_code"] } as const;
const challenge = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
const ids = {
  traceId: "0f4d8b4e-1111-4a4b-9c9c-1a2b3c4d5e6f",
  correlationId: "2b4c6d8e-2222-4b5c-8d8d-6f5e4d3c2b1a",
};

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

beforeEach(() => {
  site.emulator.control.clearFaults();
  site.emulator.control.clearRequests();
});

afterAll(async () => {
  await site?.stop();
});

/** Delivers the query of a callback and expects an error, without a session or a session cookie. */
async function deliver(
  visitor: Visitor,
  query: CallbackQuery,
): Promise<CallResponse<unknown>> {
  const { session } = countRows(site.server.databasePath);

  const response = await visitor.mutate("auth.callback", query);

  expect(response.status).toBe(response.error?.data.httpStatus);
  expect(response.headers.getSetCookie().join()).not.toMatch(
    /session[^;]*=[^;]/,
  );
  expect(countRows(site.server.databasePath).session).toBe(session);
  return response;
}

describe("an error of the code exchange", () => {
  it.each([
    [
      "missing consent",
      { code: 65001 },
      "consent_required",
      403,
      { error: "invalid_grant", suberror: "consent_required" },
    ],
    [
      "a demand for another factor",
      { code: 50076, suberror: "basic_action" },
      "interaction_required",
      401,
      { error: "invalid_grant", suberror: "basic_action" },
    ],
    [
      "a demand for another factor, by its number only",
      { code: 50079, error: "invalid_grant" },
      "interaction_required",
      401,
      { error: "invalid_grant" },
    ],
    [
      "a policy that blocks the sign-in",
      { code: 53003, suberror: "message_only" },
      "authorization_denied",
      403,
      { error: "invalid_grant", suberror: "message_only" },
    ],
    [
      "a policy that blocks the sign-in, by its number only",
      { code: 53003 },
      "authorization_denied",
      403,
      { error: "invalid_grant" },
    ],
    [
      "an account without an assignment",
      { code: 50105 },
      "authorization_denied",
      403,
      { error: "interaction_required" },
    ],
    [
      "a spent code",
      { code: 54005 },
      "code_rejected",
      400,
      { error: "invalid_grant" },
    ],
    [
      "an unknown code",
      { code: 9002313, error: "invalid_grant" },
      "code_rejected",
      400,
      { error: "invalid_grant" },
    ],
  ])(
    "[F29] reports %s with Entra's error details",
    async (_, fault, authCode, httpStatus, provider) => {
      site.emulator.control.setFault({ ...exchange, ...fault });
      const visitor = site.createVisitor();
      const query = await visitor.reachCallback(ada.upn);

      const response = await deliver(visitor, query);

      expect(response.error?.data).toMatchObject({
        authCode,
        httpStatus,
        provider: {
          ...provider,
          aadsts: `AADSTS${fault.code}`,
          traceId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      });
    },
  );

  it("[F29] returns the claims challenge to the browser, and the next sign-in sends it", async () => {
    site.emulator.control.setFault({
      ...exchange,
      code: 50076,
      suberror: "basic_action",
      claims: challenge,
      times: 1,
    });
    const visitor = site.createVisitor();
    const refused = await deliver(
      visitor,
      await visitor.reachCallback(ada.upn),
    );
    const claims = refused.error?.data.claims;

    const { status } = await visitor.signIn(ada.upn, { claims });

    expect(claims).toBe(challenge);
    expect(status).toBe(200);
    const { query } = site.emulator.control.requests("authorize").at(-1) ?? {};
    expect(JSON.parse(String(query?.["claims"]))).toMatchObject(
      JSON.parse(challenge),
    );
  });

  it("[F29] omits an invalid claims challenge", async () => {
    for (const claims of ["no JSON", "[]", `{"x":"${"x".repeat(4096)}"}`]) {
      const removeFault = site.emulator.control.setFault({
        ...exchange,
        code: 50076,
        suberror: "basic_action",
        claims,
      });
      const visitor = site.createVisitor();

      const response = await deliver(
        visitor,
        await visitor.reachCallback(ada.upn),
      );

      removeFault();
      expect(response.error?.data.authCode).toBe("interaction_required");
      expect(response.error?.data).not.toHaveProperty("claims");
    }
  });

  it("[F29] requests a wait instead of another sign-in if Entra has detected a loop", async () => {
    site.emulator.control.setFault({ ...exchange, code: 50196 });
    const visitor = site.createVisitor();

    const response = await deliver(
      visitor,
      await visitor.reachCallback(ada.upn),
    );

    expect(response.error).toMatchObject({
      message: expect.stringContaining("Wait five minutes"),
      data: {
        authCode: "rate_limited",
        httpStatus: 429,
        retryAfterSeconds: 300,
        provider: { error: "invalid_grant", aadsts: "AADSTS50196" },
      },
    });
  });

  it("[F29] reads code and IDs from the members of the body", async () => {
    site.emulator.control.setFault({
      type: "token_response",
      on: ["authorization_code"],
      status: 400,
      body: {
        error: "invalid_grant",
        error_description: "worded otherwise",
        error_codes: [53003],
        trace_id: ids.traceId,
        correlation_id: ids.correlationId,
      },
    });
    const visitor = site.createVisitor();

    const response = await deliver(
      visitor,
      await visitor.reachCallback(ada.upn),
    );

    expect(response.error?.data).toMatchObject({
      authCode: "authorization_denied",
      provider: { error: "invalid_grant", aadsts: "AADSTS53003", ...ids },
    });
  });
});

function describeError(number: number, text: string): string {
  return `AADSTS${number}: ${text}\r\nTrace ID: ${ids.traceId}\r\nCorrelation ID: ${ids.correlationId}\r\nTimestamp: 2026-11-27 10:00:00Z`;
}

describe("a callback without a state", () => {
  it.each([
    ["access_denied", 65004, "authorization_denied"],
    ["access_denied", 50105, "authorization_denied"],
    ["invalid_request", 50020, "authorization_denied"],
    ["consent_required", 65001, "consent_required"],
    ["invalid_request", 90094, "consent_required"],
    ["server_error", 90033, "identity_provider_unavailable"],
    ["invalid_resource", 500011, "authorization_failed"],
  ])(
    "[F30] reports the code of %s, AADSTS%i, and its IDs, redeems no code and ends no flow",
    async (error, number, authCode) => {
      const visitor = site.createVisitor();
      const waiting = await visitor.reachCallback(ada.upn);

      const response = await deliver(visitor, {
        error,
        error_description: describeError(number, "<img src=x> call 555-0100"),
        code: String(waiting["code"]),
      });

      expect(response.error?.data).toMatchObject({
        authCode,
        provider: { error, aadsts: `AADSTS${number}`, ...ids },
      });
      expect(response.text).not.toMatch(/<img|555-0100/);
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(site.emulator.control.requests("token")).toEqual([]);
      expect((await visitor.mutate("auth.callback", waiting)).status).toBe(200);
    },
  );

  it("[F30] returns no claims challenge, because the link can come from anyone", async () => {
    const response = await deliver(site.createVisitor(), {
      error: "interaction_required",
      claims: challenge,
    });

    expect(response.error?.data.authCode).toBe("interaction_required");
    expect(response.error?.data).not.toHaveProperty("claims");
  });

  it("[F30] is reported as an administrator's consent if it has admin_consent", async () => {
    const visitor = site.createVisitor();
    const waiting = await visitor.reachCallback(ada.upn);
    const tenant = "c0a70500-1111-4c0a-8c0a-c0a70500c0a0";

    for (const query of [
      { admin_consent: "True", tenant },
      { admin_consent: "True", tenant, state: "12345" },
      { admin_consent: "True", tenant, state: "A".repeat(43) },
    ]) {
      const response = await deliver(visitor, query);

      expect(response.error?.data).toMatchObject({
        authCode: "admin_consent_returned",
        httpStatus: 400,
      });
      expect(response.text).not.toContain(tenant);
    }
    expect((await visitor.mutate("auth.callback", waiting)).status).toBe(200);
  });

  it("is reported as denied if the administrator declined, with and without a state", async () => {
    const declined = {
      error: "access_denied",
      error_description: describeError(65004, "declined"),
      admin_consent: "True",
    };

    for (const query of [declined, { ...declined, state: "12345" }]) {
      const response = await deliver(site.createVisitor(), query);

      expect(response.error?.data).toMatchObject({
        authCode: "authorization_denied",
        provider: { aadsts: "AADSTS65004" },
      });
    }
  });

  it("is refused as invalid_request without an error or a consent", async () => {
    for (const query of [{}, { code: "c" }, { admin_consent: "False" }]) {
      const response = await deliver(site.createVisitor(), query);

      expect(response.error?.data.authCode).toBe("invalid_request");
    }
  });
});

describe("a refusal at the identity provider", () => {
  it("[F31] is reported as a cancellation if the visitor pressed Cancel", async () => {
    const visitor = site.createVisitor();
    const { state = "" } = await visitor.reachCallback(ada.upn);

    const response = await deliver(visitor, {
      state,
      error: "access_denied",
      error_subcode: "cancel",
    });

    expect(response.error).toMatchObject({
      message: "The sign-in was cancelled at the identity provider.",
      data: {
        authCode: "authorization_denied",
        provider: { error: "access_denied", suberror: "cancel" },
      },
    });
  });

  it.each([
    [50020, "does not belong to the organisation"],
    [50105, "is not assigned to the application"],
  ])(
    "[F31] names its cause, AADSTS%i, and is not reported as a cancellation",
    async (number, cause) => {
      const visitor = site.createVisitor();
      const { state = "" } = await visitor.reachCallback(ada.upn);

      const response = await deliver(visitor, {
        state,
        error: "access_denied",
        error_description: describeError(number, "refused"),
      });

      expect(response.error?.message).toContain(cause);
      expect(response.text).not.toMatch(/cancel/i);
    },
  );
});
