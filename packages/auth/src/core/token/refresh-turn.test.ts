import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTestPorts } from "../../testing/test-auth.js";
import type { TestPorts } from "../../testing/test-auth.js";
import type { PartitionKey } from "../identifiers.js";
import { takeRefreshTurn } from "./refresh-turn.js";
import {
  readTokenCache,
  saveTokenCache,
  updateTokenCache,
} from "./token-cache.js";
import type { OpenedTokenCache } from "./token-cache.js";

const partitionKey = "ada.contoso" as PartitionKey;
const expiresAt = new Date("2100-01-01T00:00:00Z");

let ports: TestPorts;

beforeEach(async () => {
  vi.useFakeTimers();
  ports = createTestPorts();
  await save("tokens");
});

afterEach(() => {
  vi.useRealTimers();
});

async function save(tokenCache: string): Promise<void> {
  const answer = {
    partitionKey,
    tokenCache,
    idToken: undefined,
    accessToken: "" as never,
    fromCache: false,
  };
  await saveTokenCache(ports, answer, expiresAt);
}

async function takeTurn(): Promise<OpenedTokenCache> {
  const turn = await takeRefreshTurn(ports, partitionKey);
  if (turn === undefined) throw new Error("There are no tokens.");
  return turn;
}

describe("takeRefreshTurn", () => {
  it("answers the tokens, and says in the database for ten seconds that they are being refreshed", async () => {
    const turn = await takeTurn();

    const read = await readTokenCache(ports, partitionKey);
    expect(turn.tokenCache).toBe("tokens");
    expect(read).toEqual(turn);
    expect(read?.leasedUntil).toEqual(
      new Date(ports.clock.now().getTime() + 10_000),
    );
  });

  it("answers undefined where there are no tokens", async () => {
    await expect(
      takeRefreshTurn(ports, "nobody" as PartitionKey),
    ).resolves.toBeUndefined();
  });

  it("waits for the turn before, and answers what came of it", async () => {
    const first = await takeTurn();
    const second = takeTurn();
    let isWaiting = true;
    void second.finally(() => {
      isWaiting = false;
    });
    await vi.advanceTimersByTimeAsync(1000);
    const wasWaiting = isWaiting;

    await updateTokenCache(ports, first, "refreshed tokens");
    await vi.advanceTimersByTimeAsync(50);

    expect(wasWaiting).toBe(true);
    expect((await second).tokenCache).toBe("refreshed tokens");
    expect((await second).leasedUntil).toBeDefined();
  });

  it("[T9] gives one of two the turn who ask at the same moment", async () => {
    const turns = [takeTurn(), takeTurn()];

    const first = await Promise.race(turns);
    await updateTokenCache(ports, first, "refreshed tokens");
    await vi.advanceTimersByTimeAsync(50);

    const tokens = (await Promise.all(turns)).map(
      ({ tokenCache }) => tokenCache,
    );
    expect(tokens.toSorted()).toEqual(["refreshed tokens", "tokens"]);
  });

  it("[T9] does not wait longer for a server that died in its turn than its lease says", async () => {
    await takeTurn();
    ports.clock.advance(10);

    const turn = await takeTurn();

    expect(turn.tokenCache).toBe("tokens");
  });

  it("goes on without a turn where the other's lease never ends", async () => {
    const first = await takeTurn();
    const second = takeTurn();

    await vi.advanceTimersByTimeAsync(10_000);

    expect(await second).toEqual(first);
  });

  it("gives way to a sign-in: what it kept stays, and the turn's tokens are not kept", async () => {
    const turn = await takeTurn();
    await save("tokens of a new sign-in");

    await updateTokenCache(ports, turn, "refreshed tokens");

    const read = await readTokenCache(ports, partitionKey);
    expect(read?.tokenCache).toBe("tokens of a new sign-in");
    expect(read?.leasedUntil).toBeUndefined();
  });
});
