import { builtInPeople } from "@entrada/entra-emulator";
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { longAgo, useEntrada } from "./support/entrada.js";
import {
  answer,
  dialog,
  follow,
  heading,
  waitUntilSignedOut,
} from "./support/steps.js";
import type { Visitor } from "./support/visitor.js";

const { ada } = builtInPeople;

/** One for each test, because sessions of earlier tests still exist. */
const userAgents = {
  "Safari on iPhone":
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
  "Edge on Windows":
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
  "Chrome on Android":
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
  "Safari on Mac":
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
  "Firefox on Windows":
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
  "Chrome on ChromeOS":
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
} as const;

// Two browsers take part in each test.
const timeout = 120_000;

describe("a user with two browsers", { timeout }, () => {
  const entrada = useEntrada();

  it("sees both sessions, with the current one marked", async () => {
    await visitAccount("Safari on iPhone");
    const { page } = await visitAccount();

    const here = session(page, "Chrome on Linux").first();
    await here.getByText("This browser").waitFor();
    await session(page, "Safari on iPhone").waitFor();
    expect(await here.getByRole("button").count()).toBe(0);
  });

  it("ends the session of the other browser, which is signed out at its next request", async () => {
    const other = await visitAccount("Edge on Windows");
    other.allowProblem(/status of 401/);
    const { page } = await visitAccount();

    await session(page, "Edge on Windows")
      .getByRole("button", { name: "End session" })
      .click();
    await answer(page, "End session");

    await page.getByText("Edge on Windows is signed out.").waitFor();
    await follow(other.page, "Workspace");
    await heading(other.page, "Workspace").waitFor();
    await waitUntilSignedOut(other.page);
    await follow(page, "Workspace");
    await page.getByText("Good to see you").waitFor();
  });

  it("can end a session by keyboard alone, and the focus moves to the list afterwards", async () => {
    await visitAccount("Chrome on Android");
    const { page } = await visitAccount();
    const button = session(page, "Chrome on Android").getByRole("button", {
      name: "End session",
    });
    await button.focus();

    await page.keyboard.press("Enter");
    await dialog(page).waitFor();
    const atFirst = await focusedText(page);
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    const afterCancel = await focusedText(page);
    await page.keyboard.press("Enter");
    await dialog(page).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await dialog(page).waitFor({ state: "detached" });

    expect(atFirst).toBe("Cancel");
    expect(afterCancel).toContain("End session: Chrome on Android");
    expect(await focusedText(page)).toBe("Your sessions");
  });

  it("sees a notice if a session has already ended", async () => {
    const other = await visitAccount("Safari on Mac");
    const { page, allowProblem } = await visitAccount();
    allowProblem(/status of 404/);
    const item = session(page, "Safari on Mac");
    await item.waitFor();
    await other.page
      .getByRole("main")
      .getByRole("button", { name: "Sign out", exact: true })
      .click();
    await waitUntilSignedOut(other.page);

    await item.getByRole("button", { name: "End session" }).click();
    await answer(page, "End session");

    await page.getByText("had already ended").waitFor();
    await item.waitFor({ state: "detached" });
  });

  it("signs out everywhere", async () => {
    const other = await visitAccount("Firefox on Windows");
    other.allowProblem(/status of 401/);
    const { page } = await visitAccount();

    await page.getByRole("button", { name: "Sign out everywhere" }).click();
    await answer(page, "Sign out everywhere");

    await waitUntilSignedOut(page);
    expect(page.url()).toBe(entrada.url("/"));
    await follow(other.page, "Workspace");
    await waitUntilSignedOut(other.page);
  });

  it("must sign in again if the last sign-in was too long ago, and can then finish", async () => {
    const other = await visitAccount("Chrome on ChromeOS");
    other.allowProblem(/status of 401/);
    const remove = entrada.emulator.control.setFault(longAgo());
    const { page, allowProblem } = await visitAccount();
    remove();
    allowProblem(/status of 401/);
    await session(page, "Chrome on ChromeOS")
      .getByRole("button", { name: "End session" })
      .click();
    await answer(page, "End session");
    await dialog(page).getByText("yours was longer ago").waitFor();

    await answer(page, "Sign in again");
    await dialog(page).getByText("You have signed in again").waitFor();
    await answer(page, "End session");

    await page.getByText("Chrome on ChromeOS is signed out.").waitFor();
    expect(page.url()).toBe(entrada.url("/account"));
    const { query } =
      entrada.emulator.control.requests("authorize").at(-1) ?? {};
    expect(query).toMatchObject({
      max_age: "600",
      login_hint: expect.stringMatching(/^O\./),
    });
    await follow(other.page, "Workspace");
    await waitUntilSignedOut(other.page);
  });

  function visitAccount(device?: keyof typeof userAgents): Promise<Visitor> {
    return entrada.visitAs(
      ada,
      "/account",
      device && { userAgent: userAgents[device] },
    );
  }
});

/** Returns the list items of sessions of this browser. */
function session(page: Page, device: string): Locator {
  return page
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name: device }) });
}

function focusedText(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? "");
}
