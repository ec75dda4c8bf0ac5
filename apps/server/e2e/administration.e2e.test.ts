import { builtInPeople } from "@entrada/entra-emulator";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { longAgo, useEntrada } from "./support/entrada.js";
import {
  answer,
  dialog,
  follow,
  heading,
  waitUntilSignedIn,
  waitUntilSignedOut,
} from "./support/steps.js";

const { ada, ben, max, nora } = builtInPeople;

// Two browsers take part in most tests.
const timeout = 120_000;

const entrada = useEntrada();

describe("an administrator", { timeout }, () => {
  it("finds people by name and user name", async () => {
    await entrada.signIn(ben);
    const { page } = await entrada.visitAs(ada, "/");
    await follow(page, "Admin");
    await heading(page, "Users").waitFor();

    await page.getByLabel("Name or user name contains").fill("BEN@");
    await page.getByRole("button", { name: "Search" }).click();

    await page.getByText("That is the only one.").waitFor();
    await page.getByRole("button", { name: `Disable ${ben.name}` }).waitFor();
  });

  it("disables a user, who is signed out with their next request and cannot sign in until they are enabled", async () => {
    const bens = await entrada.visitAs(ben, "/workspace");
    bens.allowProblem(/status of 40[13]/);
    const { page } = await entrada.visitAs(ada, "/admin/users");

    await page.getByRole("button", { name: `Disable ${ben.name}` }).click();
    await answer(page, "Disable");
    await page
      .getByText(/Ben Okafor is disabled\. \d+ sessions? ended/)
      .waitFor();
    await follow(bens.page, "Account");
    await waitUntilSignedOut(bens.page);
    await signInOnceMore(bens.page);
    await heading(bens.page, "Your access is switched off").waitFor();

    await page.getByRole("button", { name: `Enable ${ben.name}` }).click();
    await answer(page, "Enable");
    await page.getByText("Ben Okafor is enabled").waitFor();
    await bens.page.goto(entrada.url("/account"));
    await signInOnceMore(bens.page);
    await waitUntilSignedIn(bens.page, ben);
  });

  it("reads the audit trail, newest entry first, with the IDs", async () => {
    await entrada.signIn(max);
    const { page } = await entrada.visitAs(ada, "/admin/users");
    await page.getByRole("button", { name: `Disable ${max.name}` }).click();
    await answer(page, "Disable");
    await page.getByText("Max Tanaka is disabled.").waitFor();

    await page.getByRole("link", { name: "Audit trail" }).click();

    const sentences = page.getByRole("list").getByRole("listitem");
    await sentences.filter({ hasText: "Ada Lindqvist disabled Max" }).waitFor();
    const shown = await sentences.locator("p").allInnerTexts();
    expect(shown.slice(0, 3)).toEqual([
      "A session of Max Tanaka ended because they were disabled",
      "Ada Lindqvist disabled Max Tanaka",
      "Ada Lindqvist signed in",
    ]);
    await page.getByText("Details").first().click();
    await page.getByText("Session ID").first().waitFor();
  });

  it("cannot disable themselves", async () => {
    const { page } = await entrada.visitAs(ada, "/admin/users");

    await page.getByText("You cannot disable yourself.").waitFor();

    const own = page.getByRole("listitem").filter({ hasText: ada.upn });
    expect(await own.getByRole("button").count()).toBe(0);
  });

  it("must sign in again if the last sign-in was too long ago, and can then finish", async () => {
    await entrada.signIn(nora);
    const remove = entrada.emulator.control.setFault(longAgo());
    const { page, allowProblem } = await entrada.visitAs(ada, "/admin/users");
    remove();
    allowProblem(/status of 401/);
    await page.getByRole("button", { name: `Disable ${nora.name}` }).click();
    await answer(page, "Disable");

    await answer(page, "Sign in again");
    await dialog(page).getByText("You have signed in again").waitFor();
    await answer(page, "Disable");
    await page.getByText("Nora Haddad is disabled.").waitFor();

    expect(page.url()).toBe(entrada.url("/admin/users"));
  });
});

describe("a user without the role", () => {
  it("sees on the administrators' pages who may open them, and their data is not requested", async () => {
    const { page, requestedUrls } = await entrada.visitAs(ben, "/");

    for (const path of ["/admin", "/admin/users", "/admin/audit"]) {
      await page.goto(entrada.url(path));
      await page.getByText("Only people with the role “Admin”").waitFor();
      expect(await page.getByRole("link", { name: "Admin" }).count()).toBe(0);
    }

    expect(
      requestedUrls.filter((url) => /admin\.(users|events)/.test(url)),
    ).toEqual([]);
  });
});

/** Presses the button; the identity provider still has a session and shows no account picker. */
async function signInOnceMore(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign in with Microsoft" }).click();
}
