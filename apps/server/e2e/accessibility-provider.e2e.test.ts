import { builtInPeople } from "@entrada/entra-emulator";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { findBarriers } from "./support/accessibility.js";
import { useEntrada } from "./support/entrada.js";
import { accountMenu, heading, pick, startSignIn } from "./support/steps.js";
import type { Visitor } from "./support/visitor.js";

const { ada, ben, dan, nora } = builtInPeople;

describe("a page of the identity provider, on phone and desktop, light and dark", () => {
  const entrada = useEntrada();

  it("has no barriers in the account picker", async () => {
    const page = await openPicker(await entrada.visit());

    expect(await findBarriers(page)).toEqual([]);
  });

  it("has no barriers after an unknown account is entered", async () => {
    const page = await openPicker(await entrada.visit());
    await page.getByText("Use another account").click();
    await page
      .getByLabel("Email address or user name")
      .fill("unknown@contoso.com");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("alert").waitFor();

    expect(await findBarriers(page)).toEqual([]);
  });

  it("has no barriers on the consent page", async () => {
    entrada.emulator.control.revokeConsent(nora.upn);
    const page = await openPicker(await entrada.visit());
    await pick(page, nora);
    await heading(page, "Permissions requested").waitFor();

    expect(await findBarriers(page)).toEqual([]);
  });

  it("has no barriers on the error page", async () => {
    const page = await openPicker(await entrada.visit());
    await pick(page, dan);
    await page.getByText("AADSTS50057").first().waitFor();

    expect(await findBarriers(page)).toEqual([]);
  });

  it("has no barriers on the sign-out account picker and the page after it", async () => {
    const page = await openPicker(await entrada.visit());
    await pick(page, ada);
    await accountMenu(page).waitFor();

    await page.goto(
      `${entrada.emulator.origin}/organizations/oauth2/v2.0/logout`,
    );
    await page.getByText("Which account do you want to sign out of?").waitFor();
    const barriers = await findBarriers(page);
    await pick(page, ada);
    await heading(page, "You signed out of your account").waitFor();

    expect([...barriers, ...(await findBarriers(page))]).toEqual([]);
  });

  it("has no barriers on the page for an expired sign-in", async () => {
    const page = await openPicker(await entrada.visit());
    entrada.emulator.control.advanceClock(24 * 3600);
    await pick(page, ben);
    await page.getByRole("heading", { level: 1, name: /expired/ }).waitFor();

    expect(await findBarriers(page)).toEqual([]);
  });

  async function openPicker({ page }: Visitor): Promise<Page> {
    await page.goto(entrada.url("/"));
    await startSignIn(page);
    return page;
  }
});
