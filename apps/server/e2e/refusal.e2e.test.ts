import { builtInPeople } from "@entrada/entra-emulator";
import Database from "better-sqlite3";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { useEntrada } from "./support/entrada.js";
import type { Visitor } from "./support/visitor.js";
import {
  heading,
  pick,
  startSignIn,
  waitUntilSignedIn,
  waitUntilSignedOut,
} from "./support/steps.js";

const { ada, nora } = builtInPeople;
const callbackProcedure = /\/trpc\/auth\.callback/;

describe("a sign-in that does not succeed", () => {
  const entrada = useEntrada();

  it("explains a cancellation, and the next try leads to the page that was wanted first", async () => {
    const { page, allowProblem } = await entrada.visit();
    allowProblem(/status of 403/);
    const wanted = entrada.url("/workspace?number=001#part-2");
    await page.goto(wanted);
    await startSignIn(page);

    await page.getByRole("button", { name: "Cancel" }).click();
    await heading(page, "Sign-in was cancelled").waitFor();
    await tryAgain(page);
    await pick(page, ada);

    await waitUntilSignedIn(page, ada);
    expect(page.url()).toBe(wanted);
  });

  it("explains a declined consent, and the next try may accept it", async () => {
    entrada.emulator.control.revokeConsent(nora.upn);
    const { page, allowProblem } = await entrada.visit();
    allowProblem(/status of 4\d\d/);
    await page.goto(entrada.url("/"));
    await startSignIn(page);
    await pick(page, nora);

    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    const explanation = await page.getByRole("alert").first().innerText();
    await tryAgain(page);
    await chooseIfAsked(page);
    await page.getByRole("button", { name: "Accept" }).click();

    await heading(page, "Hello, Nora Haddad").waitFor();
    expect(explanation.length).toBeGreaterThan(40);
  });

  it("explains that it took too long, and the next try succeeds", async () => {
    const { page, allowProblem } = await entrada.visit();
    allowProblem(/status of 400/);
    await page.goto(entrada.url("/account"));
    await startSignIn(page);

    expireFlows(entrada.server.databasePath);
    await pick(page, ada);
    await heading(page, "That sign-in has expired").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();

    // The identity provider knows Ada by now and asks nothing.
    await waitUntilSignedIn(page, ada);
    expect(page.url()).toBe(entrada.url("/account"));
  });

  it("sends the same callback again after a network failure, and asks for no new sign-in", async () => {
    const visitor = await entrada.visit();
    const { page, requestedUrls } = visitor;
    await interceptCallback(visitor, entrada.url("/account?tab=1#top"));
    const before = requestedUrls.length;

    await page.getByRole("button", { name: "Try again" }).click();
    await waitUntilSignedIn(page, ada);

    expect(page.url()).toBe(entrada.url("/account?tab=1#top"));
    const asked = requestedUrls.slice(before).join("\n");
    expect(asked).toMatch(callbackProcedure);
    expect(asked).not.toMatch(/auth\.login|\/authorize/);
  });

  it("sends the same callback again once the database is back, and asks for no new sign-in", async () => {
    const { page, requestedUrls, allowProblem } = await entrada.visit();
    allowProblem(/status of 503/);
    await page.goto(entrada.url("/account"));
    await startSignIn(page);

    renameFlowTable("flow", "flow_away");
    await pick(page, ada);
    await heading(page, "The service is not available").waitFor();
    renameFlowTable("flow_away", "flow");
    const before = requestedUrls.length;
    await page.getByRole("button", { name: "Try again" }).click();
    await waitUntilSignedIn(page, ada);

    expect(page.url()).toBe(entrada.url("/account"));
    expect(requestedUrls.slice(before).join("\n")).not.toMatch(
      /auth\.login|\/authorize/,
    );
  });

  it("is refused when another browser delivers the callback, whose visitor stays signed out", async () => {
    const attacker = await entrada.visit();
    const victim = await entrada.visit();
    victim.allowProblem(/status of 400/);
    const callback = await interceptCallback(attacker, entrada.url("/"));

    await victim.page.goto(callback);

    await heading(victim.page, "That sign-in was started elsewhere").waitFor();
    expect(victim.page.url()).toBe(entrada.url("/auth/callback"));
    await victim.page.goto(entrada.url("/"));
    await waitUntilSignedOut(victim.page);
  });

  it("is refused when a used callback is delivered again, and nobody is signed out by that", async () => {
    const visitor = await entrada.visit();
    const { page, context } = visitor;
    visitor.allowProblem(/status of 400/);
    const callback = await interceptCallback(visitor, entrada.url("/"));
    await page.goto(callback);
    await waitUntilSignedIn(page, ada);

    const tab = await context.newPage();
    await tab.goto(callback);

    await waitUntilSignedIn(tab, ada);
    await page.reload();
    await waitUntilSignedIn(page, ada);
  });

  it("says so when the callback's address holds nothing", async () => {
    const { page } = await entrada.visit();

    await page.goto(entrada.url("/auth/callback"));

    await heading(page, "No sign-in to complete").waitFor();
    await waitUntilSignedOut(page);
  });

  it("says so when the identity provider cannot be reached, and the next try succeeds", async () => {
    const { page, allowProblem } = await entrada.visit();
    allowProblem(/status of 50\d/);
    await page.goto(entrada.url("/"));
    await startSignIn(page);

    const removeFault = entrada.emulator.control.setFault({
      type: "down",
      endpoint: "token",
      how: "status",
      status: 503,
    });
    await pick(page, ada);
    await page.getByRole("button", { name: "Try again" }).waitFor();
    const explanation = await page.getByRole("alert").first().innerText();
    removeFault();
    await page.getByRole("button", { name: "Try again" }).click();

    await waitUntilSignedIn(page, ada);
    expect(explanation).toContain("Microsoft");
  });

  it("does not tell people that they cancelled when a policy refused them", async () => {
    const { page, allowProblem } = await entrada.visit();
    allowProblem(/status of 403/);
    entrada.emulator.control.setFault({
      type: "authorization_error",
      code: 53_003,
      error: "access_denied",
    });

    await page.goto(entrada.url("/"));
    await page.getByRole("button", { name: "Sign in with Microsoft" }).click();

    await heading(
      page,
      "Your organisation did not allow this sign-in",
    ).waitFor();
    expect(await page.getByRole("main").innerText()).not.toMatch(/cancelled/);
  });

  it("signs in with the claims that a policy asked for, once the person continues", async () => {
    const { page, allowProblem } = await entrada.visit();
    allowProblem(/status of 401/);
    const claims = '{"access_token":{"capolids":{"essential":true}}}';
    await page.goto(entrada.url("/account"));
    await startSignIn(page);
    const removeFault = entrada.emulator.control.setFault({
      type: "token_error",
      code: 50_076,
      error: "invalid_grant",
      suberror: "basic_action",
      claims,
    });
    await pick(page, ada);
    await heading(page, "Microsoft has a question for you").waitFor();
    removeFault();

    const [request] = await Promise.all([
      page.waitForRequest(/\/authorize\?/),
      page.getByRole("button", { name: "Continue" }).click(),
    ]);
    await waitUntilSignedIn(page, ada);

    const sent = new URL(request.url()).searchParams.get("claims") ?? "";
    expect(JSON.parse(sent)).toMatchObject(JSON.parse(claims));
    expect(page.url()).toBe(entrada.url("/account"));
  });

  it("starts no other sign-in where Microsoft has seen too many", async () => {
    const { page, allowProblem } = await entrada.visit();
    allowProblem(/status of 4\d\d/);
    await page.goto(entrada.url("/"));
    await startSignIn(page);
    entrada.emulator.control.setFault({ type: "token_error", code: 50_196 });

    await pick(page, ada);
    await heading(page, "Microsoft asks you to wait").waitFor();

    const text = await page.getByRole("main").innerText();
    expect(text).toContain("Wait 5 minutes");
    expect(
      await page.getByRole("button", { name: /try|sign in/i }).count(),
    ).toBe(0);
  });

  /** Takes the table away that holds the flows, and brings it back. */
  function renameFlowTable(from: string, to: string): void {
    const database = new Database(entrada.server.databasePath, {
      timeout: 5_000,
    });
    database.exec(`alter table "${from}" rename to "${to}"`);
    database.close();
  }
});

async function tryAgain(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Try again" }).click();
  await page
    .getByRole("heading", {
      level: 1,
      name: /Pick an account|Permissions requested/,
    })
    .waitFor();
}

async function chooseIfAsked(page: Page): Promise<void> {
  if (await heading(page, "Pick an account").isVisible())
    await pick(page, nora);
}

/** Signs Ada in at the identity provider and returns the callback's address, which the page does not get to complete. */
async function interceptCallback(
  { page, allowProblem }: Visitor,
  start: string,
): Promise<string> {
  allowProblem(/ERR_FAILED/);
  await page.route(callbackProcedure, (route) => route.abort());
  await page.goto(start);
  await startSignIn(page);
  const [request] = await Promise.all([
    page.waitForRequest(
      (sent) => new URL(sent.url()).pathname === "/auth/callback",
    ),
    pick(page, ada),
  ]);
  await page.getByRole("button", { name: "Try again" }).waitFor();
  await page.unroute(callbackProcedure);
  return request.url();
}

/** Does to every pending flow what ten minutes do. */
function expireFlows(databasePath: string): void {
  const database = new Database(databasePath, { timeout: 5_000 });
  const { changes } = database
    .prepare("update auth_flow set expires_at = 1")
    .run();
  database.close();
  expect(changes).toBeGreaterThan(0);
}
