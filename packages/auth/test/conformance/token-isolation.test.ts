import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGate } from "../../../../apps/server/test/support/provider/gate.js";
import { openTestDatabase } from "../sqlite-test-database.js";
import type { TestDatabase } from "../sqlite-test-database.js";
import { startTokenApp } from "./support/token-app.js";
import type {
  TokenApp,
  TokenReport,
  TokenVisitor,
} from "./support/token-app.js";

const { ada, ben } = builtInPeople;

let emulator: EntraEmulator;
let database: TestDatabase;
let app: TokenApp;

beforeAll(async () => {
  emulator = await startEntraEmulator();
  database = openTestDatabase();
  app = await startTokenApp(emulator, database.path);
});

afterAll(async () => {
  await app?.stop();
  database?.close();
  await emulator?.close();
});

/** Adds `count` people to the directory and signs each of them in. */
async function signInMany(
  count: number,
): Promise<
  readonly { readonly oid: string; readonly visitor: TokenVisitor }[]
> {
  const people = Array.from({ length: count }, (_, index) => ({
    upn: `parallel-${index}@contoso.com`,
    name: `Parallel ${index}`,
    home: {
      tenantId: ada.home.tenantId,
      objectId: `9a7a11e1-0000-4000-8000-${String(index).padStart(12, "0")}`,
    },
  }));
  return Promise.all(
    people.map(async (person) => {
      emulator.control.putPerson(person);
      const visitor = await app.signIn(person.upn);
      return { oid: person.home.objectId, visitor };
    }),
  );
}

/** Waits until the app has read all earlier requests: it reads all sockets in each round of its event loop. */
async function waitUntilRead(visitors: readonly TokenVisitor[]): Promise<void> {
  for (let round = 0; round < 3; round += 1)
    await Promise.all(visitors.map((visitor) => visitor.readSignedIn()));
}

function countRefreshes(): number {
  return emulator.control.requests("token").length;
}

describe("access tokens of many users who refresh concurrently", () => {
  it("[T7][V7][V8] belong to the user of the session: their oid is the session's (CVE-2025-67490, CVE-2024-51987)", async () => {
    const people = await signInMany(10);
    const gate = createGate();
    emulator.control.clearRequests();
    const remove = emulator.control.setFault({
      type: "delay",
      endpoint: "token",
      delayMilliseconds: 0,
      until: gate.pass,
    });

    const acquiring = people.flatMap(({ visitor }) => [
      visitor.refresh(),
      visitor.refresh(),
    ]);
    // All refreshes are pending before the first response.
    await gate.waitForArrivals(people.length);
    await waitUntilRead(people.map(({ visitor }) => visitor));
    gate.open();
    const reports = await Promise.all(acquiring);
    remove();

    expect(reports.map(({ oid }) => oid)).toEqual(
      people.flatMap(({ oid }) => [oid, oid]),
    );
    expect(new Set(reports.map(({ digest }) => digest)).size).toBe(
      people.length,
    );
    expect(countRefreshes()).toBe(people.length);
    const later = await Promise.all(
      people.map(async ({ visitor }) => visitor.refresh()),
    );
    expect(later.map(({ oid }) => oid)).toEqual(people.map(({ oid }) => oid));
  });

  it("[T8] are acquired once for all concurrent calls of one user", async () => {
    const visitor = await app.signIn(ada.upn);
    const gate = createGate();
    emulator.control.clearRequests();
    const remove = emulator.control.setFault({
      type: "delay",
      endpoint: "token",
      delayMilliseconds: 0,
      until: gate.pass,
    });

    const acquiring = Array.from({ length: 10 }, () => visitor.refresh());
    await gate.waitForArrivals(1);
    await waitUntilRead([visitor]);
    gate.open();
    const reports = await Promise.all(acquiring);
    remove();

    expect(new Set(reports.map(({ digest }) => digest)).size).toBe(1);
    expect(countRefreshes()).toBe(1);
  });
});

describe("a revoked refresh token", () => {
  it("[T10] throws interaction_required after one request for each call, until the user signs in again", async () => {
    const visitor = await app.signIn(ben.upn);
    emulator.control.revokeRefreshTokens(ben.upn);
    emulator.control.clearRequests();

    const refused = [await visitor.refresh(), await visitor.refresh()];
    const asked = countRefreshes();
    // The emulator distinguishes grants by the second.
    emulator.control.advanceClock(2);
    const again = await app.signIn(ben.upn);

    for (const report of refused)
      expect(report).toMatchObject({
        status: 401,
        authCode: "interaction_required",
        digest: undefined,
      });
    expect(refused[0]?.text).toMatch(/must sign in/);
    expect(asked).toBe(2);
    expect(await again.refresh()).toMatchObject({
      status: 200,
      oid: ben.home.objectId,
    });
  });
});

describe("sealed tokens in the database", () => {
  it("[T5] cannot be opened for another account when the rows are swapped", async () => {
    const [adas, bens] = [await app.signIn(ada.upn), await app.signIn(ben.upn)];
    emulator.control.clearRequests();
    swapTokens();

    const moved = [await adas.refresh(), await bens.refresh()];
    swapTokens();
    const restored = [await adas.refresh(), await bens.refresh()];

    expect(moved.map(({ authCode }: TokenReport) => authCode)).toEqual([
      "interaction_required",
      "interaction_required",
    ]);
    expect(restored.map(({ oid }) => oid)).toEqual([
      ada.home.objectId,
      ben.home.objectId,
    ]);
    expect(countRefreshes()).toBe(2);
  });
});

/** Swaps the sealed tokens of Ada and Ben, as an attacker with write access to the database could. */
function swapTokens(): void {
  const keyOf = ({ home }: typeof ada | typeof ben) =>
    `${home.objectId}.${home.tenantId}`;
  const read = database.database
    .prepare<[string], string>(
      "SELECT sealed_cache FROM auth_token_cache WHERE partition_key = ?",
    )
    .pluck();
  const write = database.database.prepare(
    "UPDATE auth_token_cache SET sealed_cache = ? WHERE partition_key = ?",
  );
  const [adas, bens] = [read.get(keyOf(ada)), read.get(keyOf(ben))];
  expect(adas).toBeDefined();
  expect(bens).toBeDefined();
  write.run(bens, keyOf(ada));
  write.run(adas, keyOf(ben));
}
