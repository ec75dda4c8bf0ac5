import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServerProcess } from "../test/support/processes.js";
import type { ServerProcess } from "../test/support/processes.js";
import { findBarriers } from "./support/accessibility.js";
import { useEntrada } from "./support/entrada.js";
import {
  accountMenu,
  heading,
  signIn,
  signOut,
  waitUntilSignedIn,
} from "./support/steps.js";

const { ada, ben } = builtInPeople;

describe("a page that is opened under another name than APP_URL", () => {
  // `localhost` could be an IPv6 address only.
  const entrada = useEntrada({ environment: { HOST: "0.0.0.0" } });

  it("names APP_URL and links to the same page there, where the visitor can sign in", async () => {
    const { page, requestedUrls } = await entrada.visit();
    const path = "/workspace?tag=a&tag=b#part-2";
    await page.goto(`http://127.0.0.1:${entrada.server.port}${path}`);

    await heading(page, "This service has another address").waitFor();
    const text = await page.getByRole("main").innerText();
    const barriers = await findBarriers(page);
    await page.getByRole("link", { name: /^Continue at localhost/ }).click();
    await signIn(page);

    expect(text).toContain(entrada.server.origin);
    expect(barriers).toEqual([]);
    expect(page.url()).toBe(entrada.url(path));
    expect(
      requestedUrls.filter((url) => /127\.0\.0\.1.*\/trpc/.test(url)),
    ).toEqual([]);
  });
});

describe("two apps on ports of one localhost", () => {
  const entrada = useEntrada();
  let emulator: EntraEmulator;
  let second: ServerProcess;

  beforeAll(async () => {
    // With its own provider, or Ada would be signed in there without a prompt.
    emulator = await startEntraEmulator();
    second = await startServerProcess({ authority: emulator.origin });
  });

  afterAll(async () => {
    await second?.stop();
    await emulator?.close();
  });

  it("[K8] do not sign each other out", async () => {
    const { page, openTab } = await entrada.visit();
    const other = await openTab();
    await page.goto(entrada.url("/"));
    await signIn(page, ada);
    await other.goto(`${second.origin}/`);
    await signIn(other, ben);

    await page.reload();
    await waitUntilSignedIn(page, ada);
    await signOut(page);
    await other.reload();

    await waitUntilSignedIn(other, ben);
    expect(await accountMenu(page).count()).toBe(0);
  });
});
