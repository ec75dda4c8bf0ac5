import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openBrowser } from "./support/browser.js";
import { answerOf, authorizeUrl, pick } from "./support/relying-party.js";
import { demoApp, useEmulator } from "./support/test-emulator.js";

const emulator = useEmulator();
const hostile = `<img src=x onerror=alert(1)>"'&`;

describe("account picker", () => {
  it("shows name, UPN and note of every person on buttons with data-test attributes", async () => {
    const page = await openBrowser().get(authorizeUrl(emulator()));

    expect(page.body).toContain('<html lang="en">');
    expect(page.body).toMatch(/<h1>Pick an account<\/h1>/);
    const button =
      /<button[^>]*data-test="account" data-upn="ada@contoso\.com">([\s\S]*?)<\/button>/.exec(
        page.body,
      )?.[1];
    expect(button).toContain("Ada Lindqvist");
    expect(button).toContain("ada@contoso.com");
    expect(button).toContain("Administrator of Contoso");
    for (const hook of ["use-another-account", "cancel"])
      expect(page.body).toContain(`data-test="${hook}"`);
  });

  it("lists the people that its authority admits: guests on the tenant's path, personal accounts on consumers", async () => {
    expect(await listedUpns("contoso.com")).toContain("grace@fabrikam.com");
    expect(await listedUpns("contoso.com")).not.toContain(
      "ada.double@fabrikam.com",
    );
    expect(await listedUpns("consumers")).toEqual(["pia@outlook.com"]);
    expect(await listedUpns("organizations")).not.toContain("pia@outlook.com");
  });

  it("signs in a typed UPN in any case, and reports an unknown one", async () => {
    const browser = openBrowser();
    const unknown = await pick(emulator(), hostile, {}, { browser });
    const known = await browser.submit(unknown, { upn: " ADA@contoso.com " });

    expect(unknown.body).toContain('role="alert"');
    expect(unknown.body).not.toContain("<img");
    expect(answerOf(known).code).toBeDefined();
  });

  it("accepts a form once", async () => {
    const browser = openBrowser();
    const page = await browser.get(authorizeUrl(emulator()));
    await browser.submit(page, { upn: "ada@contoso.com" });

    const again = await browser.submit(page, { upn: "ada@contoso.com" });

    expect(again.body).toContain('data-test="expired"');
  });
});

describe("every page", () => {
  it("escapes values of the request", async () => {
    emulator().updateApp(demoApp.clientId, { displayName: hostile });
    const picker = await openBrowser().get(
      authorizeUrl(emulator(), { login_hint: hostile }),
    );
    const consent = await pick(emulator(), "nora@contoso.com");
    const error = await openBrowser().get(
      authorizeUrl(emulator(), {
        redirect_uri: `https://x.example/${hostile}`,
      }),
    );
    const formPost = await pick(emulator(), "ada@contoso.com", {
      response_mode: "form_post",
      state: `"onload="x`,
    });
    emulator().addApp(demoApp);

    for (const { body } of [picker, consent, error, formPost]) {
      expect(body).not.toContain("<img");
      expect(body).not.toContain('"onload="');
    }
    expect(picker.body).toContain("&#60;img src=x");
  });

  it("allows only its own script by hash, is not framed or cached, and names the emulator", async () => {
    const picker = await openBrowser().get(authorizeUrl(emulator()));
    const formPost = await pick(emulator(), "ada@contoso.com", {
      response_mode: "form_post",
    });

    for (const page of [picker, formPost]) {
      expect(page.headers.get("content-security-policy")).toContain(
        "frame-ancestors 'none'",
      );
      expect(page.headers.get("cache-control")).toContain("no-store");
      expect(page.body).toContain("This is not Microsoft");
      expect(page.body).toContain("prefers-color-scheme: dark");
    }
    expect(picker.headers.get("content-security-policy")).toContain(
      "script-src 'none'",
    );
    expect(picker.body).not.toContain("<script");
    expect(formPost.headers.get("content-security-policy")).toMatch(
      /script-src 'sha256-[^']+'/,
    );
  });

  it("allows its style and script by their hashes", async () => {
    const browser = openBrowser();
    const picker = await browser.get(authorizeUrl(emulator()));
    const formPost = await pick(
      emulator(),
      "ada@contoso.com",
      { response_mode: "form_post" },
      { browser },
    );
    const path =
      "/common/oauth2/v2.0/logout?post_logout_redirect_uri=http://localhost/";
    const signedOut = await browser.submit(
      await browser.get(emulator().origin + path),
      { upn: "ada@contoso.com" },
    );

    const inline = [picker, formPost, signedOut].map((page) => {
      const policy = page.headers.get("content-security-policy") ?? "";
      const elements = [
        ...page.body.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/g),
      ];
      return elements.map(([, name = "", text = ""]) => {
        expect(policy).toContain(
          `${name}-src 'sha256-${createHash("sha256").update(text).digest("base64")}'`,
        );
        return name;
      });
    });
    expect(inline).toEqual([
      ["style"],
      ["style", "script"],
      ["style", "script"],
    ]);
  });

  it("sets a cookie that is HttpOnly, Lax and named after its port", async () => {
    const visit = await pick(emulator(), "ada@contoso.com");

    const [cookie] = visit.headers.getSetCookie();
    expect(cookie).toMatch(
      new RegExp(
        `^entra-emulator-${emulator().port}-ESTSAUTHPERSISTENT=[\\w-]{43}; `,
      ),
    );
    expect(cookie).toContain("HttpOnly; SameSite=Lax");
  });
});

async function listedUpns(
  tenant: string,
): Promise<readonly (string | undefined)[]> {
  const page = await openBrowser().get(authorizeUrl(emulator(), {}, tenant));
  return [...page.body.matchAll(/data-upn="([^"]*)"/g)].map(([, upn]) => upn);
}
