import { builtInPeople } from "@entrada/entra-emulator";
import { describe, expect, it } from "vitest";
import { useEntrada } from "./support/entrada.js";
import {
  follow,
  heading,
  signIn,
  signOut,
  waitUntilSignedIn,
} from "./support/steps.js";

const { ada } = builtInPeople;

describe("an app whose APP_URL has a path", () => {
  const entrada = useEntrada({ appPath: "/hr" });

  it("signs in and out, and stays below its path", async () => {
    const { page, requestedUrls } = await entrada.visit();
    await page.goto(entrada.url("/workspace?tab=notice"));
    await signIn(page, ada);
    const returned = page.url();
    await follow(page, "Account");
    await heading(page, "Account").waitFor();
    const followed = page.url();
    await page.reload();
    await waitUntilSignedIn(page, ada);
    await signOut(page);

    expect(returned).toBe(entrada.url("/workspace?tab=notice"));
    expect(followed).toBe(entrada.url("/account"));
    expect(page.url()).toBe(entrada.url("/"));
    const own = requestedUrls.filter((url) =>
      url.startsWith(entrada.server.origin),
    );
    expect(own.filter((url) => !url.startsWith(entrada.url("/")))).toEqual([]);
  });

  it("links to its start page from an address outside its path", async () => {
    const { page } = await entrada.visit();
    await page.goto(`${entrada.server.origin}/workspace`);
    await heading(page, "This service has another address").waitFor();
    const text = await page.getByRole("main").innerText();

    await page.getByRole("link", { name: /^Continue at localhost/ }).click();
    await heading(page, "Welcome to Entrada").waitFor();

    expect(text).toContain(`opened it at ${entrada.server.origin}/workspace.`);
    expect(text).toContain(`sign in at ${entrada.url("")} only`);
    expect(page.url()).toBe(entrada.url("/"));
  });
});
