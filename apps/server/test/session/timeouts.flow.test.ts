import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createServerClock } from "../support/server-clock.js";
import type { ServerClock } from "../support/server-clock.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { Visitor } from "../support/visitor.js";

const { ada } = builtInPeople;
const idleSeconds = 600;
const absoluteSeconds = 1500;

let clock: ServerClock;
let site: Site;
let visitor: Visitor;

beforeAll(async () => {
  clock = createServerClock();
  site = await startSite({
    environment: {
      ...clock.environment,
      SESSION_IDLE_SECONDS: String(idleSeconds),
      SESSION_ABSOLUTE_SECONDS: String(absoluteSeconds),
    },
  });
});

beforeEach(async () => {
  visitor = site.createVisitor();
  await visitor.signIn(ada.upn);
});

afterAll(async () => {
  await site?.stop();
  clock.remove();
});

function advance(seconds: number): void {
  clock.advance(seconds);
  site.emulator.control.advanceClock(seconds);
}

async function isSignedIn(): Promise<boolean> {
  return (await visitor.query("auth.me")).data !== null;
}

/** Expects every request with the cookie, which the browser still has, to be signed out. */
async function expectSignedOut(): Promise<void> {
  expect(visitor.session() !== undefined).toBe(true);
  expect(await isSignedIn()).toBe(false);
  const responses = [
    await visitor.query("workspace.greeting"),
    await visitor.query("auth.sessions.list"),
    await visitor.query("admin.users.list"),
    await visitor.mutate("auth.logoutEverywhere"),
  ];
  for (const { status, error } of responses) {
    expect(status).toBe(401);
    expect(error?.data.authCode).toBe("not_signed_in");
  }
}

describe("a session, as the server's clock advances", () => {
  it("[S9] ends on the server when it was not used for the idle timeout", async () => {
    advance(idleSeconds - 30);
    const before = await isSignedIn();
    advance(idleSeconds);

    await expectSignedOut();

    expect(before).toBe(true);
  });

  it("[S10] ends at the absolute timeout, even if it is in use", async () => {
    const step = idleSeconds / 2;
    for (let passed = step; passed < absoluteSeconds; passed += step) {
      advance(step);
      expect(await isSignedIn()).toBe(true);
    }
    advance(step);

    await expectSignedOut();
  });

  it("that replaced another has its own timeouts", async () => {
    advance(idleSeconds - 60);
    await visitor.signIn(ada.upn);

    advance(idleSeconds - 60);

    expect(await isSignedIn()).toBe(true);
  });
});
