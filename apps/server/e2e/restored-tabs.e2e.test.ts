import { builtInPeople } from "@entrada/entra-emulator";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { useEntrada } from "./support/entrada.js";
import { pick, startSignIn, waitUntilSignedIn } from "./support/steps.js";

const { ada } = builtInPeople;
const tabs = 15;
// Fifteen pages load at once, possibly on a slow machine.
const timeout = 180_000;

describe("a browser that restores fifteen tabs", { timeout }, () => {
  const entrada = useEntrada();

  it("[F8] signs in in all of them when each starts a sign-in before the first is completed", async () => {
    const { page, openTab, context, allowProblem } = await entrada.visit();
    // A page that loads while another tab's sign-in replaces the session sends its requests again.
    allowProblem(/status of 401/);
    context.setDefaultTimeout(timeout);
    const pages = [
      page,
      ...(await Promise.all(Array.from({ length: tabs - 1 }, openTab))),
    ];
    await Promise.all(pages.map((tab, index) => tab.goto(addressOf(index))));

    await Promise.all(pages.map((tab) => startSignIn(tab)));
    const pending = await countFlowCookies(page);
    await Promise.all(pages.map((tab) => pick(tab, ada)));
    await Promise.all(pages.map((tab) => waitUntilSignedIn(tab, ada)));
    await Promise.all(
      pages
        .filter((tab) => tab.url().includes("/workspace"))
        .map((tab) => tab.getByText(`Good to see you, ${ada.name}.`).waitFor()),
    );

    expect(pending).toBe(tabs);
    expect(pages.map((tab) => tab.url())).toEqual(
      pages.map((_, index) => addressOf(index)),
    );
    expect(await countFlowCookies(page)).toBe(0);
  });

  function addressOf(index: number): string {
    const place = index % 2 === 0 ? "workspace" : "account";
    return entrada.url(`/${place}?tab=${index}#${index}`);
  }

  async function countFlowCookies(page: Page): Promise<number> {
    const cookies = await page.context().cookies(entrada.url("/"));
    return cookies.filter(({ name }) => name.startsWith("flow-")).length;
  }
});
