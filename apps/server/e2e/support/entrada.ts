import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { demoApp, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator, Fault, Person } from "@entrada/entra-emulator";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import { startServerProcess } from "../../test/support/processes.js";
import type { ServerProcess } from "../../test/support/processes.js";
import {
  cookieNamesOf,
  createVisitor as createHttpVisitor,
} from "../../test/support/visitor.js";
import { waitUntilSignedIn } from "./steps.js";
import { createVisitor } from "./visitor.js";
import type { Visitor, VisitorOptions } from "./visitor.js";

/** The built server, an emulator and Chromium, for all tests of a file. */
export interface Entrada {
  readonly server: ServerProcess;
  readonly emulator: EntraEmulator;
  /** The name of the session cookie. */
  readonly sessionCookie: string;
  /** Returns the absolute address of a page of the app. */
  readonly url: (path: string) => string;
  /** Opens a new browser profile, which is closed at the end of the test. */
  readonly visit: (options?: VisitorOptions) => Promise<Visitor>;
  /** Opens a new browser profile in which this person is signed in, and a page of the app. */
  readonly visitAs: (
    person: Person,
    path: string,
    options?: VisitorOptions,
  ) => Promise<Visitor>;
  /**
   * Signs a person in by requests, without a page, and copies the cookies of the app and the provider to the visitor's
   * browser. Without a visitor, the person is signed in with another browser.
   */
  readonly signIn: (person: Person, visitor?: Visitor) => Promise<void>;
}

/** Returns the fault that dates the authentication of every sign-in back by an hour. */
export function longAgo(): Fault {
  return {
    type: "id_token_claims",
    set: { auth_time: Math.floor(Date.now() / 1_000) - 3_600 },
  };
}

interface Running {
  readonly server: ServerProcess;
  readonly emulator: EntraEmulator;
  readonly browser: Browser;
}

const pictures = fileURLToPath(
  new URL("../../test-results/pictures/", import.meta.url),
);

/**
 * Starts everything before the file's tests and stops it after them. After every test it checks that all requests went to
 * this machine, and that no page had a problem that the test did not allow.
 */
export function useEntrada({
  bfcache = false,
  appPath = "",
  environment,
}: {
  readonly bfcache?: boolean;
  /** The path of APP_URL, such as `/hr`. */
  readonly appPath?: string;
  readonly environment?: Readonly<Record<string, string>>;
} = {}): Entrada {
  let running: Running | undefined;
  let visitors: Visitor[] = [];

  beforeAll(async () => {
    const emulator = await startEntraEmulator();
    const server = await startServerProcess({
      authority: emulator.origin,
      appPath,
      environment,
    });
    // The registration for development names the default port, on which another program may listen.
    emulator.updateApp(demoApp.clientId, {
      frontChannelLogoutUrl: `${server.origin}${appPath}/auth/front-channel-logout`,
      redirectUris: [
        ...demoApp.redirectUris,
        `${server.origin}${appPath}/auth/callback`,
        `${server.origin}${appPath}/`,
      ],
    });
    running = { emulator, server, browser: await launchChromium(bfcache) };
  });
  afterAll(async () => {
    await running?.browser.close();
    await running?.server.stop();
    await running?.emulator.close();
  });
  afterEach(async ({ task }) => {
    const finished = visitors;
    visitors = [];
    if (task.result?.state === "fail") await takePictures(finished, task.id);
    await Promise.all(finished.map(({ context }) => context.close()));
    running?.emulator.control.clearFaults();
    const ending = running?.server.ending();
    if (ending !== undefined)
      throw new Error(
        `The server exited (${ending}):\n${running?.server.output().slice(-2_000)}`,
      );

    for (const { problems, requestedUrls } of finished) {
      expect(problems).toEqual([]);
      expect(requestedUrls.filter((url) => !isLoopback(url))).toEqual([]);
    }
  });

  const require = (): Running => {
    if (running === undefined) throw new Error("Entrada has not started yet.");
    return running;
  };
  const visit = async (options?: VisitorOptions) => {
    const visitor = await createVisitor(require().browser, options);
    visitors.push(visitor);
    return visitor;
  };
  const signIn = async ({ upn }: Person, visitor?: Visitor) => {
    const url = require().server.origin;
    const userAgent =
      (await visitor?.page.evaluate(() => navigator.userAgent)) ?? "";
    const client = createHttpVisitor(url, {
      headers: { "user-agent": userAgent },
    });
    expect((await client.signIn(upn)).error).toBeUndefined();
    await visitor?.context.addCookies(
      [...client.cookies()].map(([name, value]) => ({
        name,
        value,
        url,
        httpOnly: true,
        sameSite: "Strict",
      })),
    );
  };
  return {
    get server() {
      return require().server;
    },
    get emulator() {
      return require().emulator;
    },
    get sessionCookie() {
      return cookieNamesOf(require().server.origin).session;
    },
    url: (path) => `${require().server.origin}${appPath}${path}`,
    visit,
    signIn,
    visitAs: async (person, path, options) => {
      const visitor = await visit(options);
      await signIn(person, visitor);
      await visitor.page.goto(`${require().server.origin}${path}`);
      await waitUntilSignedIn(visitor.page, person);
      return visitor;
    },
  };
}

function launchChromium(bfcache: boolean): Promise<Browser> {
  return chromium.launch({
    executablePath: inject("chromiumPath"),
    headless: true,
    // Chromium's sandbox refuses to run as root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      "--disable-gpu",
      // Opens a new browser profile faster, by a fifth.
      "--in-process-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // No other host name resolves.
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    ],
    ignoreDefaultArgs: bfcache ? ["--disable-back-forward-cache"] : [],
  });
}

async function takePictures(
  visitors: readonly Visitor[],
  testId: string,
): Promise<void> {
  await mkdir(pictures, { recursive: true });
  const pages = visitors.flatMap(({ context }) => context.pages());
  await Promise.all(
    pages.map((page, index) =>
      page
        .screenshot({ path: `${pictures}${testId}-${index}.png` })
        .catch(() => undefined),
    ),
  );
}

function isLoopback(url: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
}
