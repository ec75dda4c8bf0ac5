import { builtInPeople } from "@entrada/entra-emulator";
import type { Person } from "@entrada/entra-emulator";
import type { Locator, Page } from "playwright-core";

/** Presses the page's sign-in button and waits for the identity provider's page. */
export async function startSignIn(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign in with Microsoft" }).click();
  await heading(page, "Pick an account").waitFor();
}

/** Signs in from the page that is open. */
export async function signIn(
  page: Page,
  person: Person = builtInPeople.ada,
): Promise<void> {
  await startSignIn(page);
  await pick(page, person);
  await waitUntilSignedIn(page, person);
}

/** Chooses an account in the identity provider's account picker. */
export async function pick(page: Page, { upn }: Person): Promise<void> {
  await page.getByRole("button", { name: upn }).click();
}

/** Signs out through the account menu in the header, and waits until the start page offers to sign in again. */
export async function signOut(page: Page): Promise<void> {
  await accountMenu(page).click();
  await page.getByRole("button", { name: "Sign out" }).first().click();
  await waitUntilSignedOut(page);
}

/** Waits until the header names the person. */
export async function waitUntilSignedIn(
  page: Page,
  { name }: Person,
): Promise<void> {
  await page.getByRole("button", { name: `Account menu, ${name}` }).waitFor();
}

/** Waits until the page offers to sign in. */
export async function waitUntilSignedOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign in with Microsoft" }).waitFor();
}

/** Returns the confirmation dialog, found by its role. */
export function dialog(page: Page): Locator {
  return page.getByRole("alertdialog");
}

/** Presses a button of the confirmation dialog. */
export async function answer(page: Page, name: string): Promise<void> {
  await dialog(page).getByRole("button", { name, exact: true }).click();
}

/** Follows a link of the main navigation. */
export async function follow(page: Page, name: string): Promise<void> {
  await page
    .getByRole("navigation", { name: "Main" })
    .getByRole("link", { name, exact: true })
    .click();
}

export function accountMenu(page: Page): Locator {
  return page.getByRole("button", { name: /^Account menu/ });
}

/** Returns the page's main heading with this text. */
export function heading(page: Page, name: string): Locator {
  return page.getByRole("heading", { level: 1, name, exact: true });
}

/** Returns every address in the tab's history, oldest first, including other origins, which scripts cannot read. */
export async function readHistory(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  await session.detach();
  return entries.map(({ url }) => url);
}
