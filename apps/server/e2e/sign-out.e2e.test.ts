import { builtInPeople } from "@entrada/entra-emulator";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { useEntrada } from "./support/entrada.js";
import {
  accountMenu,
  heading,
  pick,
  readHistory,
  signIn,
  signOut,
  startSignIn,
  waitUntilSignedIn,
  waitUntilSignedOut,
} from "./support/steps.js";

const { ada } = builtInPeople;

describe("a visitor who signs out", () => {
  const entrada = useEntrada();

  it("is signed out, and still is after a reload", async () => {
    const { page, context } = await entrada.visitAs(ada, "/workspace");

    await signOut(page);
    await page.goto(entrada.url("/workspace"));
    await page.reload();

    await heading(page, "Workspace").waitFor();
    await waitUntilSignedOut(page);
    const cookies = await context.cookies(entrada.url("/"));
    expect(cookies.map(({ name }) => name)).not.toContain(
      entrada.sessionCookie,
    );
  });

  it("is signed out at the identity provider as well, without an account picker", async () => {
    const { page, seenTexts } = await entrada.visitAs(ada, "/");
    const before = seenTexts.length;

    await signOut(page);
    const shown = seenTexts.slice(before).join("\n");
    await startSignIn(page);

    expect(shown).not.toContain("Which account do you want to sign out of?");
    const account = page.getByRole("button", { name: ada.upn });
    expect(await account.innerText()).not.toContain("Signed in");
  });

  it("can sign out from the account page", async () => {
    const { page } = await entrada.visitAs(ada, "/account");

    await page
      .getByRole("main")
      .getByRole("button", { name: "Sign out", exact: true })
      .click();

    await waitUntilSignedOut(page);
    expect(page.url()).toBe(entrada.url("/"));
  });

  it("is signed out in the other tabs at once", async () => {
    const { page, openTab } = await entrada.visitAs(ada, "/");
    const tab = await openTab();
    await tab.goto(entrada.url("/account"));
    await waitUntilSignedIn(tab, ada);

    await signOut(page);

    await waitUntilSignedOut(tab);
    expect(await tab.locator("body").innerText()).not.toContain(ada.name);
  });

  it("is signed out of the app after signing out at the identity provider", async () => {
    const { page } = await entrada.visitAs(ada, "/account");

    await page.goto(
      `${entrada.emulator.origin}/organizations/oauth2/v2.0/logout`,
    );
    await Promise.all([
      page.waitForResponse(/\/auth\/front-channel-logout/),
      pick(page, ada),
    ]);
    await page.goto(entrada.url("/account"));

    await waitUntilSignedOut(page);
  });

  it("can sign in again at once as another user", async () => {
    const { page } = await entrada.visitAs(ada, "/");
    await signOut(page);

    await signIn(page, builtInPeople.grace);

    await heading(page, "Hello, Grace Moreau").waitFor();
  });

  it("is not shown after the back button", async () => {
    const { page } = await entrada.visit();
    await page.goto(entrada.url("/account"));
    await signIn(page);
    await signOut(page);

    const shown = await goBackToTheStart(page, entrada.server.origin);

    expect(shown).not.toContain(ada.name);
    expect(await accountMenu(page).count()).toBe(0);
  });
});

describe("a browser with a back/forward cache", () => {
  const entrada = useEntrada({ bfcache: true });

  it("does not show the user after a sign-out and the back button", async () => {
    const { page } = await entrada.visit();
    await page.goto(entrada.url("/account"));
    await signIn(page);
    await signOut(page);

    const shown = await goBackToTheStart(page, entrada.server.origin);

    expect(shown).not.toContain(ada.name);
  });

  it("stores pages without the user's data, and a restored page asks the server again", async () => {
    const visitor = await entrada.visit();
    const { page, context } = visitor;
    await dropNoStore(page);
    await entrada.signIn(ada, visitor);
    await page.goto(entrada.url("/account"));
    await page.getByText("Session ID").first().waitFor();
    await recordRestoring(page);

    await page.goto(`${entrada.emulator.origin}/common/oauth2/v2.0/logout`);
    // The session ends without a message to the tab, as when an administrator ends it.
    await context.clearCookies({ name: entrada.sessionCookie });
    await page.goBack({ waitUntil: "commit" });
    await waitUntilSignedOut(page);

    const restored = await readRestored(page);
    expect(restored).toContain("Workspace");
    expect(restored).not.toContain(ada.name);
  });
});

/** Goes back to the first page, waits until each page of the app has loaded, and returns the texts that were visible. */
async function goBackToTheStart(page: Page, origin: string): Promise<string> {
  const texts: string[] = [];
  for (const _ of await readHistory(page)) {
    await page.goBack();
    if (!page.url().startsWith(origin)) continue;
    texts.push(await page.locator("body").innerText());
    await waitUntilSignedOut(page);
    texts.push(await page.locator("body").innerText());
  }
  expect(texts.length).toBeGreaterThan(0);
  return texts.join("\n");
}

/** Makes the app's pages storable, because Chromium stores `no-store` pages less often than other browsers do. */
async function dropNoStore(page: Page): Promise<void> {
  await page.route(/\/account$|\/trpc\//, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), "cache-control": "no-cache" };
    await route.fulfill({ response, headers });
  });
}

/** Makes the page record the text that it shows when it is restored, before other code runs. */
async function recordRestoring(page: Page): Promise<void> {
  await page.unrouteAll();
  await page.evaluate(() => {
    window.addEventListener(
      "pageshow",
      ({ persisted }) => {
        const { dataset } = document.documentElement;
        if (persisted) dataset["restored"] = document.body.innerText;
      },
      { capture: true },
    );
  });
}

/** Returns what the page showed when it was restored, or `undefined` if the browser loaded it again. */
async function readRestored(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.documentElement.dataset["restored"]);
}
