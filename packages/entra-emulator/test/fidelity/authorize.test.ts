import { describe, expect, it } from "vitest";
import { openBrowser, readForm } from "../support/browser.js";
import {
  answerOf,
  authorizeUrl,
  pick,
  redeem,
  REDIRECT_URI,
  signIn,
  claimsOf,
} from "../support/relying-party.js";
import { demoApp, plainApp, useEmulator } from "../support/test-emulator.js";

const emulator = useEmulator();
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function visit(
  overrides: Readonly<Record<string, string | undefined>>,
): ReturnType<ReturnType<typeof openBrowser>["get"]> {
  return openBrowser().get(authorizeUrl(emulator(), overrides));
}

describe("redirect URI and client", () => {
  it("11. shows AADSTS50011 on a page for an unregistered redirect URI and does not redirect", async () => {
    const page = await visit({ redirect_uri: "https://evil.example/callback" });

    expect(page.status).toBe(200);
    expect(page.location).toBeUndefined();
    expect(page.body).toContain('data-code="50011"');
  });

  it("12. shows AADSTS700016 on a page for an unknown client and does not redirect", async () => {
    const page = await visit({
      client_id: "00000000-0000-4000-8000-00000000dead",
    });

    expect(page.status).toBe(200);
    expect(page.location).toBeUndefined();
    expect(page.body).toContain('data-code="700016"');
  });

  it("13. matches http://localhost with any port, but compares path and case exactly", async () => {
    const accepted = await pick(emulator(), "ada@contoso.com", {
      redirect_uri: "http://localhost:61234/auth/callback",
    });
    const otherPath = await visit({
      redirect_uri: "http://localhost:61234/auth/callback2",
    });
    const otherCase = await visit({
      redirect_uri: "http://localhost:61234/Auth/callback",
    });
    const dots = await visit({
      redirect_uri: "http://localhost:61234/x/../auth/callback",
    });

    expect(accepted.location).toMatch(
      /^http:\/\/localhost:61234\/auth\/callback\?code=/,
    );
    for (const page of [otherPath, otherCase, dots])
      expect(page.body).toContain('data-code="50011"');
  });

  it("14. adds a slash to a redirect URI without path, in query and in fragment mode", async () => {
    const request = {
      client_id: plainApp.clientId,
      redirect_uri: "https://app.example",
    };
    const query = await pick(emulator(), "ada@contoso.com", request);
    const fragment = await pick(emulator(), "ada@contoso.com", {
      ...request,
      response_mode: "fragment",
    });

    expect(query.location).toMatch(/^https:\/\/app\.example\/\?code=/);
    expect(fragment.location).toMatch(/^https:\/\/app\.example\/#code=/);
  });
});

describe("responses", () => {
  it("15. end with an empty fragment in query mode", async () => {
    const success = await pick(emulator(), "ada@contoso.com");
    const failure = await visit({ prompt: "none" });

    expect(success.location).toMatch(/[^#]#$/);
    expect(failure.location).toMatch(/[^#]#$/);
  });

  it("16. contain code, state and session_state, client_info only if requested, and no iss", async () => {
    const plain = answerOf(await pick(emulator(), "ada@contoso.com"));
    const withInfo = await pick(emulator(), "ada@contoso.com", {
      client_info: "1",
    });

    expect(Object.keys(plain)).toEqual(["code", "state", "session_state"]);
    expect(plain.session_state).toMatch(GUID);
    expect(Object.keys(answerOf(withInfo))).toEqual([
      "code",
      "client_info",
      "state",
      "session_state",
    ]);
  });

  it("17. contain the same state, encoded once and without its HTML tags", async () => {
    const state = "a b+c%2520&=#/?'~\"{}é€😀";
    const returned = await pick(emulator(), "ada@contoso.com", { state });
    const stripped = await pick(emulator(), "ada@contoso.com", {
      state: "one<script>two</script>three",
    });

    expect(answerOf(returned).state).toBe(state);
    expect(returned.location).toContain("state=a+b%2bc%252520%26%3d%23%2f");
    expect(answerOf(stripped).state).toBe("onetwothree");
  });

  it("18. are posted to the app by a page with a script in form_post mode", async () => {
    const page = await pick(emulator(), "ada@contoso.com", {
      response_mode: "form_post",
      state: `"><b>&`,
    });
    const form = readForm(page.body);

    expect(page.location).toBeUndefined();
    expect(form.action).toBe(REDIRECT_URI);
    expect(form.fields).toMatchObject({
      code: expect.any(String),
      state: `">&`,
      session_state: expect.any(String),
    });
    expect(page.body).toContain("document.forms[0].submit()");
    expect(page.body).toContain('data-test="continue"');
  });

  it("19. contain access_denied and error_subcode=cancel after Cancel, without description and code", async () => {
    const browser = openBrowser();
    const page = await browser.get(authorizeUrl(emulator()));

    const cancelled = await browser.submit(page, { action: "cancel" });

    expect(answerOf(cancelled)).toEqual({
      error: "access_denied",
      error_subcode: "cancel",
      state: "state-1",
    });
  });
});

describe("errors sent to the app", () => {
  it("20. are login_required with AADSTS50058 and three lines of identifiers for prompt=none without a session", async () => {
    const answer = answerOf(await visit({ prompt: "none" }));

    expect(answer).toMatchObject({ error: "login_required", state: "state-1" });
    const [text, trace, correlation, timestamp] = String(
      answer.error_description,
    ).split("\r\n");
    expect(text).toMatch(/^AADSTS50058: /);
    expect(trace).toMatch(/^Trace ID: [0-9a-f-]{36}$/);
    expect(correlation).toMatch(/^Correlation ID: [0-9a-f-]{36}$/);
    expect(timestamp).toBe("Timestamp: 2026-05-04 10:00:00Z");
  });

  it("21. are interaction_required for an unassigned person with prompt=none; without it a page is shown", async () => {
    const browser = openBrowser();
    const page = await pick(emulator(), "uma@contoso.com", {}, { browser });
    const silent = await browser.get(
      authorizeUrl(emulator(), { prompt: "none" }),
    );

    expect(page.location).toBeUndefined();
    expect(page.body).toContain('data-code="50105"');
    expect(answerOf(silent)).toMatchObject({ error: "interaction_required" });
    expect(answerOf(silent).error_description).toMatch(/^AADSTS50105: /);
  });

  it("22. are AADSTS700054 for response_type id_token if the app does not enable it", async () => {
    const off = answerOf(
      await visit({ response_type: "id_token", response_mode: "fragment" }),
    );
    const on = { client_id: plainApp.clientId, response_type: "id_token" };
    const allowed = await pick(emulator(), "ada@contoso.com", on);

    expect(off.error).toBe("unsupported_response_type");
    expect(off.error_description).toMatch(/^AADSTS700054: /);
    expect(allowed.location).toContain("#id_token=");
  });

  it("23. are invalid_request with AADSTS900144 and error_uri for a missing response_type", async () => {
    const page = await visit({ response_type: undefined });
    const answer = answerOf(page);

    expect(answer.error).toBe("invalid_request");
    expect(answer.error_description).toMatch(
      /^AADSTS900144: .*'response_type'/,
    );
    expect(answer.error_uri).toMatch(/\/error\?code=900144$/);
    expect(page.location).toContain("%0d%0aTrace+ID%3a+");
  });
});

describe("sessions and prompts", () => {
  it("sign in silently with one session, show the picker with two, and use login_hint", async () => {
    const browser = openBrowser();
    await pick(emulator(), "ada@contoso.com", {}, { browser });
    const one = await browser.get(authorizeUrl(emulator()));
    await pick(
      emulator(),
      "ben@contoso.com",
      { prompt: "select_account" },
      { browser },
    );
    const two = await browser.get(authorizeUrl(emulator()));
    const hinted = await browser.get(
      authorizeUrl(emulator(), { login_hint: "ben@contoso.com" }),
    );

    expect(one.location).toContain("code=");
    expect(two.body).toContain('data-test="account"');
    const { code } = answerOf(hinted);
    expect(claimsOf(await redeem(emulator(), code)).preferred_username).toBe(
      "ben@contoso.com",
    );
  });

  it("accept the opaque login_hint claim as login_hint", async () => {
    const browser = openBrowser();
    const first = await signIn(emulator(), "ada@contoso.com", {}, { browser });
    const hint = String(claimsOf(first).login_hint);

    const silent = await browser.get(
      authorizeUrl(emulator(), { login_hint: hint, prompt: "none" }),
    );

    expect(hint).toMatch(/^O\./);
    expect(answerOf(silent).code).toBeDefined();
  });

  it("require a new sign-in after max_age, and return login_required with prompt=none", async () => {
    const browser = openBrowser();
    await pick(emulator(), "ada@contoso.com", {}, { browser });
    emulator().control.advanceClock(120);
    const fresh = await browser.get(
      authorizeUrl(emulator(), { max_age: "180" }),
    );
    const stale = await browser.get(
      authorizeUrl(emulator(), { max_age: "60" }),
    );
    const silent = await browser.get(
      authorizeUrl(emulator(), { max_age: "60", prompt: "none" }),
    );
    emulator().control.advanceClock(-120);

    expect(fresh.location).toContain("code=");
    expect(stale.body).toContain('data-upn="ada@contoso.com"');
    expect(answerOf(silent).error).toBe("login_required");
  });

  it("show errors that concern the person on a page", async () => {
    const disabled = await pick(emulator(), "dan@contoso.com");
    const stranger = await pick(
      emulator(),
      "grace@fabrikam.com",
      {},
      { tenant: "fabrikam.com" },
    );
    const foreign = await pick(
      emulator(),
      "ben@contoso.com",
      {},
      { tenant: "fabrikam.com" },
    );
    const personal = await pick(
      emulator(),
      "pia@outlook.com",
      {},
      { tenant: "organizations" },
    );

    expect(disabled.body).toContain('data-code="50057"');
    expect(stranger.location).toContain("code=");
    expect(foreign.body).toContain('data-code="50020"');
    expect(personal.body).toContain('data-code="50020"');
  });

  it("refuse invalid parameters like the service", async () => {
    const errors = [
      [{ resource: "https://graph.microsoft.com" }, "invalid_request", 901002],
      [{ response_mode: "pigeon" }, "unsupported_response_mode", 70007],
      [{ prompt: "sometimes" }, "invalid_request", 90023],
      [{ scope: "openid nonsense" }, "invalid_scope", 70011],
      [{ scope: "api://unknown/Read" }, "invalid_resource", 500011],
      [{ scope: undefined }, "invalid_request", 900144],
      [{ code_challenge: "short" }, "invalid_request", 50147],
      [{ claims: "{" }, "invalid_request", 90023],
    ] as const;

    for (const [overrides, error, code] of errors) {
      const answer = answerOf(await visit(overrides));
      expect(answer.error).toBe(error);
      expect(answer.error_description).toContain(`AADSTS${code}: `);
    }
    expect(demoApp.clientId).toHaveLength(36);
  });
});

describe("consent", () => {
  it("is requested once for missing scopes and then stored", async () => {
    const browser = openBrowser();
    const page = await pick(emulator(), "nora@contoso.com", {}, { browser });
    const accepted = await browser.submit(page, { action: "accept" });
    const again = await browser.get(authorizeUrl(emulator()));
    const more = await browser.get(
      authorizeUrl(emulator(), { scope: "openid Mail.Read" }),
    );

    expect(page.body).toContain("Permissions requested");
    expect(page.body).toContain(
      "Maintain access to data you have given it access to",
    );
    expect(answerOf(accepted).code).toBeDefined();
    expect(answerOf(again).code).toBeDefined();
    expect(more.body).toContain("Read your mail");
    expect(more.body).not.toContain("View your basic profile");
  });

  it("fails with AADSTS65004 if it is declined, and with consent_required if it is missing with prompt=none", async () => {
    const browser = openBrowser();
    const page = await pick(emulator(), "nora@contoso.com", {}, { browser });
    const silent = await browser.get(
      authorizeUrl(emulator(), { prompt: "none" }),
    );
    const declined = answerOf(await browser.submit(page, { action: "cancel" }));

    expect(declined.error).toBe("access_denied");
    expect(declined.error_description).toMatch(/^AADSTS65004: /);
    expect(answerOf(silent).error).toBe("consent_required");
  });

  it("to a scope that needs an administrator is refused for other people", async () => {
    const scope = "openid Directory.Read.All";
    const member = await pick(emulator(), "ben@contoso.com", { scope });
    const administrator = await pick(emulator(), "ada@contoso.com", { scope });

    expect(member.body).toContain('data-code="90094"');
    expect(administrator.body).toContain('data-test="consent-accept"');
  });
});
