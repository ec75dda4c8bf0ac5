import { builtInPeople } from "@entrada/entra-emulator";
import { describe, expect, it } from "vitest";
import { useEntrada } from "./support/entrada.js";
import {
  accountMenu,
  heading,
  pick,
  readHistory,
  signIn,
  startSignIn,
  waitUntilSignedIn,
} from "./support/steps.js";

const { ada, ben, nora } = builtInPeople;

describe("a visitor who signs in", () => {
  const entrada = useEntrada();

  it("picks an account at the identity provider and is greeted by name", async () => {
    const { page } = await entrada.visit();

    await page.goto(entrada.url("/"));
    await startSignIn(page);
    await pick(page, ada);

    await heading(page, "Hello, Ada Lindqvist").waitFor();
    expect(page.url()).toBe(entrada.url("/"));
  });

  it("can also start from the button in the header", async () => {
    const { page } = await entrada.visit();

    await page.goto(entrada.url("/"));
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await pick(page, ben);

    await heading(page, "Hello, Ben Okafor").waitFor();
  });

  it("returns to the exact page of a deep link, including query and fragment", async () => {
    const { page } = await entrada.visit();
    const deepLink = entrada.url(
      "/workspace?number=001&tag=a&b=&tag=b&c&text=a+b%26c&next=%2F%2Fe.test%3Fa%3Db&q=Gr%C3%BC%C3%9Fe+%F0%9F%8C%8D&p=100%25#%C3%9Cbersicht-a%23b?y=z",
    );

    await page.goto(deepLink);
    await signIn(page);

    expect(page.url()).toBe(deepLink);
    await page.getByText("Good to see you, Ada Lindqvist.").waitFor();
  });

  it("stays signed in after a reload", async () => {
    const { page } = await entrada.visit();
    await page.goto(entrada.url("/"));
    await signIn(page);

    await page.reload();

    await heading(page, "Hello, Ada Lindqvist").waitFor();
  });

  it("consents if required, and is then signed in", async () => {
    entrada.emulator.control.revokeConsent(nora.upn);
    const { page } = await entrada.visit();
    await page.goto(entrada.url("/workspace"));
    await startSignIn(page);
    await pick(page, nora);

    await heading(page, "Permissions requested").waitFor();
    await page.getByRole("button", { name: "Accept" }).click();

    await page.getByText("Good to see you, Nora Haddad.").waitFor();
  });

  it("[F28] leaves neither code nor state in the address bar or the history", async () => {
    const { page } = await entrada.visit();
    await page.goto(entrada.url("/"));
    await startSignIn(page);
    const state = new URL(page.url()).searchParams.get("state");

    await pick(page, ada);
    await waitUntilSignedIn(page, ada);

    const own = (await readHistory(page)).filter((url) =>
      url.startsWith(entrada.server.origin),
    );
    expect(state).toMatch(/.{20}/);
    expect(own.length).toBeGreaterThan(0);
    expect(own.join("\n")).not.toMatch(/[?&#](code|state)=/);
    expect(own.join("\n")).not.toContain(state);
    expect(own.join("\n")).not.toContain("/auth/callback");
  });

  it("can go back by the back button, although the identity provider repeats the used callback", async () => {
    const { page, seenTexts, allowProblem } = await entrada.visit();
    allowProblem(/status of 400/);
    await page.goto(entrada.url("/workspace"));
    await page.goto(entrada.url("/account"));
    await signIn(page);
    const before = seenTexts.length;

    await page.goBack();
    await heading(page, "Hello, Ada Lindqvist").waitFor();
    const afterOne = await readHistory(page);
    await page.goBack();
    await page.goBack();
    await page.getByText("Good to see you").waitFor();

    expect(page.url()).toBe(entrada.url("/workspace"));
    expect(afterOne.join("\n")).not.toContain("/auth/callback");
    expect(seenTexts.slice(before).join("\n")).not.toMatch(/expired|Try again/);
  });

  it("can use the keyboard alone, on the identity provider's page too", async () => {
    const { page } = await entrada.visit();
    await page.goto(entrada.url("/"));
    await page
      .getByRole("button", { name: "Sign in with Microsoft" })
      .waitFor();

    await pressUntilFocused(page, "Sign in with Microsoft");
    await page.keyboard.press("Enter");
    await heading(page, "Pick an account").waitFor();
    await pressUntilFocused(page, ben.upn);
    await page.keyboard.press("Enter");

    await waitUntilSignedIn(page, ben);
    await pressUntilFocused(page, "Account menu");
    await page.keyboard.press("Enter");
    await pressUntilFocused(page, "Sign out");
    await page.keyboard.press("Enter");
    await page
      .getByRole("button", { name: "Sign in with Microsoft" })
      .waitFor();
    expect(await accountMenu(page).count()).toBe(0);
  });
});

async function pressUntilFocused(
  page: Parameters<typeof heading>[0],
  name: string,
): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press("Tab");
    const text = await page.locator(":focus").first().innerText();
    if (text.includes(name)) return;
  }
  throw new Error(`The tab key does not reach “${name}”.`);
}
