import { builtInPeople } from "@entrada/entra-emulator";
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

const { ada } = builtInPeople;
const callbackProcedure = /\/trpc\/auth\.callback/;

describe("a sign-in that does not succeed", () => {
  const entrada = useEntrada();

  it("[F20] explains a cancellation, and the next sign-in returns to the page that was requested first", async () => {
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

  it("sends the same callback again after a network failure, without a new sign-in", async () => {
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

  it("[F4] is refused when another browser delivers the callback, and that browser stays signed out", async () => {
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

  it("requests the claims that a policy requires, after the user continues", async () => {
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
});

async function tryAgain(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Try again" }).click();
  await heading(page, "Pick an account").waitFor();
}

/** Signs Ada in at the identity provider and returns the callback's address, which the page does not complete. */
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
