import { describe, expect, it } from "vitest";
import {
  openBrowser,
  unescapeHtml,
  type Browser,
  type Visit,
} from "../support/browser.js";
import {
  answerOf,
  authorizeUrl,
  claimsOf,
  pick,
  redeem,
  signIn,
} from "../support/relying-party.js";
import { demoApp, useEmulator } from "../support/test-emulator.js";

const emulator = useEmulator();

function signOut(
  browser: Browser,
  parameters: Readonly<Record<string, string>>,
): Promise<Visit> {
  const query = new URLSearchParams(parameters).toString();
  return browser.get(`${emulator().origin}/common/oauth2/v2.0/logout?${query}`);
}

function frames(page: Visit): readonly string[] {
  return [...page.body.matchAll(/<iframe src="([^"]*)"/g)].map(([, url = ""]) =>
    unescapeHtml(url),
  );
}

describe("sign-out", () => {
  it("39. shows the picker only without logout_hint, and redirects to registered URIs only", async () => {
    const browser = openBrowser();
    const hint = String(
      claimsOf(await signIn(emulator(), "ada@contoso.com", {}, { browser }))
        .login_hint,
    );
    const back = {
      post_logout_redirect_uri: "http://localhost:3000/signed-out",
      state: "s 1",
    };

    const picker = await signOut(browser, back);
    const byUpn = await signOut(browser, {
      ...back,
      logout_hint: "ada@contoso.com",
    });
    const elsewhere = await signOut(browser, {
      post_logout_redirect_uri: "https://evil.example/",
      logout_hint: hint,
    });
    const after = await signOut(browser, back);

    expect(picker.body).toContain(
      'data-test="sign-out-account" data-upn="ada@contoso.com"',
    );
    expect(byUpn.body).toContain('data-test="sign-out-account"');
    expect(elsewhere.location).toBeUndefined();
    expect(elsewhere.body).toContain("You signed out of your account");
    expect(elsewhere.body).not.toContain("evil.example");
    expect(after.location).toBe("http://localhost:3000/signed-out?state=s+1");
    expect(
      answerOf(await browser.get(authorizeUrl(emulator(), { prompt: "none" })))
        .error,
    ).toBe("login_required");
  });

  it("40. loads a frame whose only parameter sid equals the ID token's sid and session_state", async () => {
    const browser = openBrowser();
    const answer = answerOf(
      await pick(emulator(), "ada@contoso.com", {}, { browser }),
    );
    const claims = claimsOf(await redeem(emulator(), answer.code));
    const logout_hint = String(claims.login_hint);

    const page = await signOut(browser, {
      logout_hint,
      post_logout_redirect_uri: "http://localhost:3000/",
    });

    const url = `${demoApp.frontChannelLogoutUrl}?sid=${String(claims.sid)}`;
    expect(frames(page)).toEqual([url]);
    expect(claims.sid).toBe(answer.session_state);
    expect(page.body).toContain(
      'href="http://localhost:3000/" data-test="continue"',
    );
    expect(page.headers.get("content-security-policy")).toContain(
      "frame-src http://localhost:5173;",
    );
    // The emulator's cookie is not sent to the frame, which belongs to another site.
    expect([...browser.cookies.keys()]).toEqual([]);
  });

  it("signs out the picked account and keeps the other one signed in", async () => {
    const browser = openBrowser();
    await pick(emulator(), "ada@contoso.com", {}, { browser });
    await pick(
      emulator(),
      "ben@contoso.com",
      { prompt: "select_account" },
      { browser },
    );
    const picker = await signOut(browser, {});

    await browser.submit(picker, { upn: "ada@contoso.com" });

    const silent = answerOf(
      await browser.get(authorizeUrl(emulator(), { prompt: "none" })),
    );
    expect(
      claimsOf(await redeem(emulator(), silent.code)).preferred_username,
    ).toBe("ben@contoso.com");
  });
});
