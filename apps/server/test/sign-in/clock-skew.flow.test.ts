import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServerClock } from "../support/server-clock.js";
import type { ServerClock } from "../support/server-clock.js";
import { startServerGroup } from "../support/server-group.js";
import type { BalancedVisitor, ServerGroup } from "../support/server-group.js";

const { ada } = builtInPeople;
const skewSeconds = 300;
const absoluteSeconds = 1500;
/** Longer than a test runs. */
const marginSeconds = 60;
const [behind, ahead] = [0, 1];

let clocks: readonly ServerClock[];
let group: ServerGroup;

beforeAll(async () => {
  clocks = [createServerClock(), createServerClock()];
  clocks[ahead]?.advance(skewSeconds);
  group = await startServerGroup(2, (index) => ({
    ...clocks[index]?.environment,
    SESSION_IDLE_SECONDS: String(absoluteSeconds),
    SESSION_ABSOLUTE_SECONDS: String(absoluteSeconds),
  }));
});

afterAll(async () => {
  await group?.stop();
  for (const clock of clocks) clock.remove();
});

function advance(seconds: number): void {
  for (const clock of clocks) clock.advance(seconds);
}

async function signInOn(index: number): Promise<BalancedVisitor> {
  const visitor = group.createVisitor(index);
  await visitor.signIn(ada.upn);
  return visitor;
}

/** Returns whether the visitor is signed in on each server, the one that is behind first. */
async function askBoth(visitor: BalancedVisitor): Promise<readonly boolean[]> {
  const results: boolean[] = [];
  for (const index of [behind, ahead]) {
    visitor.goTo(index);
    results.push((await visitor.query("auth.me")).data !== null);
  }
  return results;
}

describe(
  "two servers whose clocks are five minutes apart",
  { timeout: 60_000 },
  () => {
    it.each([
      ["behind", behind, ahead],
      ["ahead", ahead, behind],
    ])(
      "complete a sign-in that started on the one that is %s",
      async (_, first, second) => {
        const visitor = group.createVisitor(first);
        const query = await visitor.reachCallback(ada.upn);

        visitor.goTo(second);
        const { status } = await visitor.mutate("auth.callback", query);

        expect(status).toBe(200);
        expect(await askBoth(visitor)).toEqual([true, true]);
      },
    );

    it("end a session on both at once", async () => {
      const [one, other] = [await signInOn(behind), await signInOn(ahead)];

      one.goTo(ahead);
      await one.mutate("auth.logout");
      other.goTo(behind);
      await other.mutate("auth.logout");

      expect(await askBoth(one)).toEqual([false, false]);
      expect(await askBoth(other)).toEqual([false, false]);
    });

    // Must be the last test, because it advances the clocks too far for further sign-ins.
    it("end a session at its timeout, earlier or later by at most the difference", async () => {
      const [early, late] = [await signInOn(behind), await signInOn(ahead)];
      const askAll = async () => [await askBoth(early), await askBoth(late)];

      advance(absoluteSeconds - skewSeconds - marginSeconds);
      const beforeAnyTimeout = await askAll();
      advance(2 * marginSeconds);
      const afterTheEarliest = await askAll();
      advance(skewSeconds);
      const afterTheTimeout = await askAll();
      advance(skewSeconds);
      const afterTheLatest = await askAll();

      expect(beforeAnyTimeout).toEqual([
        [true, true],
        [true, true],
      ]);
      expect(afterTheEarliest).toEqual([
        [true, false],
        [true, true],
      ]);
      expect(afterTheTimeout).toEqual([
        [false, false],
        [true, false],
      ]);
      expect(afterTheLatest).toEqual([
        [false, false],
        [false, false],
      ]);
    });
  },
);
