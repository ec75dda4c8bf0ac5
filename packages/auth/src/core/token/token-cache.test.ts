import { beforeEach, describe, expect, it } from "vitest";
import { createTestPorts } from "../../testing/test-auth.js";
import type { TestPorts } from "../../testing/test-auth.js";
import type { OriginalSignIn } from "./id-token.js";
import type { Nonce, PartitionKey } from "../identifiers.js";
import {
  leaseTokenCache,
  readTokenCache,
  saveTokenCache,
  updateTokenCache,
} from "./token-cache.js";
import type { OpenedTokenCache } from "./token-cache.js";

const partitionKey = "partition" as PartitionKey;
const tokenCache = '{"Account":{}}';
const expiresAt = new Date("2100-01-01T00:00:00Z");

let ports: TestPorts;

beforeEach(() => {
  ports = createTestPorts();
});

async function read(): Promise<OpenedTokenCache> {
  const opened = await readTokenCache(ports, partitionKey);
  if (opened === undefined) throw new Error("There are no tokens.");
  return opened;
}

describe("the sign-in that the tokens are from", () => {
  it.each<OriginalSignIn>([
    { nonce: "a-nonce_1" as Nonce, authTime: 1_772_355_600 },
    { nonce: "a-nonce_1" as Nonce, authTime: 0.5 },
    { nonce: "a-nonce_1" as Nonce, authTime: undefined },
    { nonce: undefined, authTime: -1 },
    { nonce: undefined, authTime: undefined },
  ])("is kept with them: %j", async (original) => {
    const saved = { partitionKey, tokenCache, original };

    await saveTokenCache(ports, saved, expiresAt);

    expect(await read()).toMatchObject({ tokenCache, original });
  });

  it("stays through leases and refreshes", async () => {
    const original = { nonce: "a-nonce" as Nonce, authTime: 5 };
    await saveTokenCache(
      ports,
      { partitionKey, tokenCache, original },
      expiresAt,
    );

    const until = new Date(ports.now().getTime() + 1000);
    const leased = await leaseTokenCache(ports, await read(), until);
    const whileLeased = await read();
    await updateTokenCache(ports, whileLeased, '{"Account":{"refreshed":{}}}');

    expect(leased).toEqual(whileLeased);
    expect(whileLeased).toMatchObject({ original, leasedUntil: until });
    expect(await read()).toMatchObject({
      tokenCache: '{"Account":{"refreshed":{}}}',
      original,
      leasedUntil: undefined,
    });
  });

  it("is unknown for tokens of a version that did not keep it", async () => {
    await saveTokenCache(ports, { partitionKey, tokenCache }, expiresAt);

    expect(await read()).toMatchObject({ tokenCache, original: undefined });
  });

  it("is a member of MSAL's JSON, so that a server of an earlier version can read the tokens", async () => {
    const original = { nonce: "a-nonce" as Nonce, authTime: 5 };
    await saveTokenCache(
      ports,
      { partitionKey, tokenCache, original },
      expiresAt,
    );

    const { partition } = await read();
    const text = ports.sealer.open(
      partition.sealedCache,
      `token_cache:${partitionKey}`,
    );

    expect(JSON.parse(text ?? "")).toEqual({
      entrada: original,
      ...JSON.parse(tokenCache),
    });
  });

  it("is in no row in the clear", async () => {
    const original = { nonce: "distinctive" as Nonce, authTime: 5 };
    await saveTokenCache(
      ports,
      { partitionKey, tokenCache, original },
      expiresAt,
    );

    const { partition } = await read();

    expect(JSON.stringify(partition)).not.toContain("distinctive");
  });
});
