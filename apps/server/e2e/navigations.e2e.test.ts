import { AuthError } from "@entrada/auth";
import {
  builtInPeople,
  demoApp,
  startEntraEmulator,
} from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useEntrada } from "./support/entrada.js";
import {
  startNavigationsApp,
  startOtherSite,
} from "./support/navigations-app.js";
import type { NavigationsApp } from "./support/navigations-app.js";
import { heading, pick, readHistory } from "./support/steps.js";

const { ada, ben } = builtInPeople;

function press(page: Page, name: string): Promise<void> {
  return page.getByRole("button", { name, exact: true }).click();
}

/** `localhost` and `127.0.0.1` are two sites: the app is on the first, the identity provider and other pages on the second. */
describe("an app that signs in by navigations, with the identity provider on another site", () => {
  const entrada = useEntrada();
  let emulator: EntraEmulator;
  let app: NavigationsApp;

  beforeAll(async () => {
    emulator = await startEntraEmulator({ host: "127.0.0.1" });
    app = await startNavigationsApp(emulator.origin);
    registerFrontChannel(app);
  });

  afterAll(async () => {
    await app?.close();
    await emulator?.close();
  });

  function registerFrontChannel({ origin }: NavigationsApp): void {
    emulator.updateApp(demoApp.clientId, {
      frontChannelLogoutUrl: `${origin}/auth/front-channel-logout`,
    });
  }

  async function signIn(page: Page): Promise<void> {
    await page.goto(`${app.origin}/reports`);
    await press(page, "Sign in");
    await pick(page, ada);
    await heading(page, `Hello ${ada.name}`).waitFor();
  }

  async function namesOf(page: Page): Promise<readonly string[]> {
    return (await page.context().cookies(app.origin)).map(({ name }) => name);
  }

  it("signs the visitor in and keeps the callback out of the history", async () => {
    const { page } = await entrada.visit();
    await page.goto(`${app.origin}/auth/login?returnUrl=/welcome`);

    await pick(page, ada);
    await page.waitForURL(`${app.origin}/welcome`);

    await heading(page, `Hello ${ada.name}`).waitFor();
    for (const address of await readHistory(page))
      expect(address).not.toContain("code=");
  });

  it.each([true, false])(
    "[N8] signs in and out by forms under the package's page headers, at the identity provider too (scripts run: %s)",
    async (runsScripts) => {
      const { page } = await entrada.visit({ runsScripts });

      await signIn(page);
      const signedInAt = page.url();
      await press(page, "Sign out");
      if (!runsScripts) await finishSignOut(page);
      await heading(page, "Not signed in").waitFor();
      const cookies = await namesOf(page);
      await press(page, "Sign in");
      await heading(page, "Pick an account").waitFor();

      expect(signedInAt).toBe(`${app.origin}/reports`);
      expect(cookies).toEqual([]);
      const account = page.getByRole("button", { name: ada.upn });
      expect(await account.innerText()).not.toContain("Signed in");
    },
  );

  /** Without scripts, the identity provider's page needs a click. */
  async function finishSignOut(page: Page): Promise<void> {
    await page.waitForURL((url) =>
      url.pathname.endsWith("/oauth2/v2.0/logout"),
    );
    await page.goto(app.origin);
  }

  it("[N4] responds to another site's link with a page, ignores its login hint, sets no cookie, and signs in by the page's button", async () => {
    const { page, requestedUrls } = await entrada.visit();
    const link = `${app.origin}/auth/login?returnUrl=/reports&loginHint=${ben.upn}&domainHint=contoso`;
    const otherSite = await startOtherSite(`<a href="${link}">Win</a>`);

    await page.goto(otherSite.origin);
    await page.getByRole("link", { name: "Win" }).click();
    await heading(page, "Sign in").waitFor();
    const cookies = await namesOf(page);
    await page.getByRole("link", { name: "Sign in" }).click();
    await pick(page, ada);
    await page.waitForURL(`${app.origin}/reports`);
    await otherSite.close();

    expect(cookies).toEqual([]);
    const asked = requestedUrls.filter((url) => url.includes("/authorize?"));
    expect(asked).toHaveLength(1);
    const { searchParams } = new URL(asked.join());
    expect(searchParams.has("login_hint")).toBe(false);
    expect(searchParams.has("domain_hint")).toBe(false);
    await heading(page, `Hello ${ada.name}`).waitFor();
  });

  it("shows the signed-in user after a link in web mail on another site", async () => {
    const { page, openTab } = await entrada.visit();
    await signIn(page);
    const mail = await startOtherSite(
      `<a href="${app.origin}/reports" target="_blank">Report</a>`,
    );
    const tab = await openTab();
    await tab.goto(mail.origin);

    const [report] = await Promise.all([
      tab.waitForEvent("popup"),
      tab.getByRole("link", { name: "Report" }).click(),
    ]);

    await heading(report, `Hello ${ada.name}`).waitFor();
    await mail.close();
  });

  it("[N2] is not signed out by another site's form that hides its origin", async () => {
    const { page, allowProblem } = await entrada.visit();
    allowProblem(/403/);
    await signIn(page);
    const otherSite = await startOtherSite(
      `<meta name="referrer" content="no-referrer"><form method="post" action="${app.origin}/auth/logout"><button>Win</button></form>`,
    );

    await page.goto(otherSite.origin);
    await press(page, "Win");
    await heading(page, "The request did not work").waitFor();
    await page.goto(`${app.origin}/reports`);
    await otherSite.close();

    await heading(page, `Hello ${ada.name}`).waitFor();
  });

  it("sends a signed-in visitor to the start page when a callback is repeated", async () => {
    const { page, requestedUrls } = await entrada.visit();
    await signIn(page);
    const callback = requestedUrls.find((url) =>
      url.includes("/auth/callback"),
    );

    await page.goto(callback ?? "");

    expect(page.url()).toBe(`${app.origin}/`);
    await heading(page, `Hello ${ada.name}`).waitFor();
  });

  it("completes the same callback by Try again after the database was unavailable", async () => {
    const { page, allowProblem } = await entrada.visit();
    allowProblem(/503/);
    const { take } = app.stores.flowStore;
    Object.assign(app.stores.flowStore, {
      take: async () => {
        throw new AuthError("store_unavailable", "The database is away.");
      },
    });

    await page.goto(`${app.origin}/reports`);
    await press(page, "Sign in");
    await pick(page, ada);
    await heading(page, "The sign-in did not work").waitFor();
    Object.assign(app.stores.flowStore, { take });
    await page.getByRole("link", { name: "Try again" }).click();

    await page.waitForURL(`${app.origin}/reports`);
    await heading(page, `Hello ${ada.name}`).waitFor();
  });

  it("[N12] does not sign the user out of another app on the same localhost", async () => {
    const other = await startNavigationsApp(emulator.origin);
    const { page } = await entrada.visit();
    // Only the other app: otherwise the identity provider itself would end the session here.
    registerFrontChannel(other);

    await signIn(page);
    await page.goto(`${other.origin}/reports`);
    await press(page, "Sign in");
    await heading(page, `Hello ${ada.name}`).waitFor();
    await page.goto(`${app.origin}/reports`);
    await heading(page, `Hello ${ada.name}`).waitFor();
    await page.goto(`${other.origin}/reports`);
    await press(page, "Sign out");
    await page.waitForURL(`${other.origin}/`);
    await heading(page, "Not signed in").waitFor();
    await page.goto(`${app.origin}/reports`);
    await other.close();
    registerFrontChannel(app);

    await heading(page, `Hello ${ada.name}`).waitFor();
  });
});
