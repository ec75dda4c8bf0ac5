import { builtInPeople } from "@entrada/entra-emulator";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { useEntrada } from "./support/entrada.js";
import {
  heading,
  pick,
  signIn,
  signOut,
  startSignIn,
} from "./support/steps.js";

const { ada } = builtInPeople;

/** Matches every signed token of the emulator and of Entra ID. */
const signedToken = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}/;

describe("the browser of a user who is signed in", () => {
  const entrada = useEntrada();

  it("[K5] keeps the session in a cookie that no script can read", async () => {
    const { page, context } = await entrada.visit();
    await page.goto(entrada.url("/"));
    await signIn(page);

    const cookies = await context.cookies(entrada.url("/"));

    expect(
      cookies.filter(({ name }) => !name.startsWith("entra-emulator")),
    ).toEqual([
      expect.objectContaining({
        name: entrada.sessionCookie,
        httpOnly: true,
        sameSite: "Strict",
        path: "/",
        domain: "localhost",
      }),
    ]);
    expect(await page.evaluate(() => document.cookie)).toBe("");
  });

  it("[T1] holds no token and no session secret in its storage or page", async () => {
    const { page, context } = await entrada.visit();
    await page.goto(entrada.url("/account"));
    await signIn(page);
    await page.getByText("Session ID").first().waitFor();

    const held = await readEverything(page);

    const secret = (await context.cookies(entrada.url("/")))
      .find(({ name }) => name === entrada.sessionCookie)
      ?.value.split(".")[1];
    expect(secret).toMatch(/.{20}/);
    expect(held).not.toContain(secret);
    expect(held).not.toMatch(signedToken);
    expect(held).toContain(ada.home.objectId);
  });

  it("[T1] never receives a token, a code verifier or the client's secret from the server", async () => {
    const { page } = await entrada.visit();
    const bodies: string[] = [];
    await page.route(/\/trpc\//, async (route) => {
      const response = await route.fetch();
      bodies.push(await response.text());
      await route.fulfill({ response });
    });
    await page.goto(entrada.url("/workspace"));
    await signIn(page);
    await page.getByText("Good to see you").waitFor();

    const received = bodies.join("\n");

    expect(received).toContain(ada.name);
    expect(received).not.toMatch(signedToken);
    expect(received).not.toMatch(
      /access_?token|refresh_?token|verifier|entrada-development-secret/i,
    );
  });

  it("sends requests to the server and the identity provider only", async () => {
    const { page, requestedUrls } = await entrada.visit();
    await page.goto(entrada.url("/workspace"));
    await signIn(page);
    await page.getByText("Good to see you").waitFor();
    await signOut(page);

    const origins = new Set(requestedUrls.map((url) => new URL(url).origin));

    expect([...origins].toSorted()).toEqual(
      [entrada.server.origin, entrada.emulator.origin].toSorted(),
    );
  });

  it("[F28] sends code and state to the server only, and in no address or referrer", async () => {
    const { page } = await entrada.visit();
    const requests: string[] = [];
    let redirectUri: URL | undefined;
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.pathname === "/auth/callback") redirectUri = url;
      else
        requests.push(`${request.url()} ${request.headers()["referer"] ?? ""}`);
    });
    await page.goto(entrada.url("/"));
    await startSignIn(page);
    requests.length = 0;

    await pick(page, ada);
    await heading(page, "Hello, Ada Lindqvist").waitFor();

    const code = redirectUri?.searchParams.get("code");
    const state = redirectUri?.searchParams.get("state");
    expect(code).toMatch(/.{20}/);
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.join("\n")).not.toContain(code);
    expect(requests.join("\n")).not.toContain(state);
    expect(entrada.server.output()).not.toContain(code);
    expect(entrada.server.output()).not.toContain(state);
  });
});

/** Returns everything that a script of the page can read: storage, databases, the document and the history's state. */
async function readEverything(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const caches = await window.caches.keys();
    return JSON.stringify([
      { ...localStorage },
      { ...sessionStorage },
      databases,
      caches,
      history.state,
      window.name,
      document.cookie,
      document.documentElement.outerHTML,
    ]);
  });
}
