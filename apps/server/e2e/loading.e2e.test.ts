import { once } from "node:events";
import { builtInPeople } from "@entrada/entra-emulator";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { useEntrada } from "./support/entrada.js";
import {
  heading,
  pick,
  signIn,
  startSignIn,
  waitUntilSignedIn,
} from "./support/steps.js";

const { ada, ben } = builtInPeople;
const meProcedure = /\/trpc\/auth\.me/;

const entrada = useEntrada();

describe("a page that is being loaded", () => {
  it.each(["/", "/workspace", "/account"])(
    "does not look signed out at %s while the server has not responded yet",
    async (path) => {
      const visitor = await entrada.visit();
      const { page, seenTexts } = visitor;
      await entrada.signIn(ada, visitor);
      const release = await holdMe(page);

      await page.goto(entrada.url(path));
      await page
        .getByText("Checking whether you are signed in…")
        .waitFor({ state: "attached" });
      release();
      await waitUntilSignedIn(page, ada);

      expect(seenTexts.join("\n")).not.toMatch(
        /sign in with|sign in to continue|^sign in$/im,
      );
    },
  );

  it("does not look signed in at a page that requires a session", async () => {
    const { page, seenTexts } = await entrada.visit();
    const release = await holdMe(page);

    await page.goto(entrada.url("/account"));
    await page
      .getByText("Checking whether you are signed in…")
      .waitFor({ state: "attached" });
    release();
    await page
      .getByRole("button", { name: "Sign in with Microsoft" })
      .waitFor();

    expect(seenTexts.join("\n")).not.toMatch(/Profile|Session ID|Sign out/);
  });

  it("says that the service is not responding, and recovers when the user tries again", async () => {
    const visitor = await entrada.visit();
    const { page, allowProblem } = visitor;
    allowProblem(/ERR_CONNECTION_REFUSED/);
    await entrada.signIn(ada, visitor);
    await page.route(meProcedure, (route) => route.abort("connectionrefused"));

    await page.goto(entrada.url("/account"));
    await page.getByText("The service is not answering").waitFor();
    await page.unroute(meProcedure);
    await page.getByRole("button", { name: "Try again" }).click();

    await waitUntilSignedIn(page, ada);
  });

  it("does not look signed out when the response is broken", async () => {
    const visitor = await entrada.visit();
    const { page, seenTexts, allowProblem } = visitor;
    allowProblem(/status of 502/);
    await entrada.signIn(ada, visitor);
    await page.route(meProcedure, (route) =>
      route.fulfill({
        status: 502,
        contentType: "text/html",
        body: "<h1>Bad gateway</h1>",
      }),
    );

    await page.goto(entrada.url("/account"));
    await page.getByText("The service is not answering").waitFor();
    await page.unroute(meProcedure);
    await page.getByRole("button", { name: "Try again" }).click();
    await waitUntilSignedIn(page, ada);

    expect(seenTexts.join("\n")).not.toContain("Sign in");
  });
});

describe("two tabs of one browser", () => {
  it("[F8] can sign in at the same time", async () => {
    const { page, openTab } = await entrada.visit();
    const other = await openTab();
    await page.goto(entrada.url("/workspace"));
    await other.goto(entrada.url("/account?tab=other"));
    await startSignIn(page);
    await startSignIn(other);

    await pick(page, ada);
    await pick(other, ada);

    await Promise.all([
      waitUntilSignedIn(page, ada),
      waitUntilSignedIn(other, ada),
    ]);
    expect(page.url()).toBe(entrada.url("/workspace"));
    expect(other.url()).toBe(entrada.url("/account?tab=other"));
  });

  it("both show the user who signed in last", async () => {
    const { page, openTab } = await entrada.visit();
    const other = await openTab();
    await page.goto(entrada.url("/"));
    await other.goto(entrada.url("/"));
    await startSignIn(page);
    await startSignIn(other);

    await pick(page, ada);
    await waitUntilSignedIn(page, ada);
    await pick(other, ben);
    await waitUntilSignedIn(other, ben);

    await heading(page, "Hello, Ben Okafor").waitFor();
  });

  it("both show a sign-in in one of them", async () => {
    const { page, openTab } = await entrada.visit();
    const other = await openTab();
    await other.goto(entrada.url("/account"));
    await page.goto(entrada.url("/"));

    await signIn(page);

    await waitUntilSignedIn(other, ada);
  });
});

/** Holds requests to `auth.me` until the returned function is called. */
async function holdMe(page: Page): Promise<() => void> {
  const gate = new AbortController();
  const isOpen = once(gate.signal, "abort");
  await page.route(meProcedure, async (route) => {
    await isOpen;
    await route.continue();
  });
  return () => gate.abort();
}
