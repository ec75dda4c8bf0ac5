import { beforeEach, describe, expect, it } from "vitest";
import { createTestCore } from "../../testing/test-auth.js";
import type { TestCore } from "../../testing/test-auth.js";
import type { OriginalSignIn } from "./id-token.js";
import type { Nonce, PartitionKey } from "../identifiers.js";
import {
  readTokenCache,
  saveTokenCache,
  updateTokenCache,
} from "./token-cache.js";
import type { OpenedTokenCache } from "./token-cache.js";

const partitionKey = "partition" as PartitionKey;
const tokenCache = '{"Account":{}}';
const refreshed = '{"Account":{"refreshed":{}}}';
const expiresAt = new Date("2100-01-01T00:00:00Z");

let core: TestCore;

beforeEach(() => {
  core = createTestCore();
});

async function read(): Promise<OpenedTokenCache> {
  const opened = await readTokenCache(core, partitionKey);
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
  ])("is stored with them: %j", async (original) => {
    const saved = { partitionKey, tokenCache, original };

    await saveTokenCache(core, saved, expiresAt);

    expect(await read()).toMatchObject({ tokenCache, original });
  });

  it("stays when the tokens are refreshed", async () => {
    const original = { nonce: "a-nonce" as Nonce, authTime: 5 };
    await saveTokenCache(
      core,
      { partitionKey, tokenCache, original },
      expiresAt,
    );

    await updateTokenCache(core, await read(), refreshed);

    expect(await read()).toMatchObject({ tokenCache: refreshed, original });
  });

  it("is unknown for tokens of a version that did not store it", async () => {
    await saveTokenCache(core, { partitionKey, tokenCache }, expiresAt);

    expect(await read()).toMatchObject({ tokenCache, original: undefined });
  });

  it("is a member of MSAL's JSON, so that a server of an earlier version can read the tokens", async () => {
    const original = { nonce: "a-nonce" as Nonce, authTime: 5 };
    await saveTokenCache(
      core,
      { partitionKey, tokenCache, original },
      expiresAt,
    );

    const { partition } = await read();
    const text = core.sealer.open(
      partition.sealedCache,
      `token_cache:${partitionKey}`,
    );

    expect(JSON.parse(text ?? "")).toEqual({
      entrada: original,
      ...JSON.parse(tokenCache),
    });
  });

  it.each([
    "{}",
    '{"Account":{"x":"lease:1:"}}',
    '{"Account":[{"entrada":{"nonce":"another"},"x":1}]}',
  ])("leaves the tokens %s as they are", async (tokens) => {
    const saved = { partitionKey, tokenCache: tokens };
    await saveTokenCache(core, saved, expiresAt);
    const before = await read();

    const original = { nonce: "a-nonce" as Nonce, authTime: 5 };
    await saveTokenCache(core, { ...saved, original }, expiresAt);

    expect(before).toMatchObject({ tokenCache: tokens, original: undefined });
    expect(await read()).toMatchObject({ tokenCache: tokens });
  });

  it("is not readable in the stored row", async () => {
    const original = { nonce: "distinctive" as Nonce, authTime: 5 };
    await saveTokenCache(
      core,
      { partitionKey, tokenCache, original },
      expiresAt,
    );

    const { partition } = await read();

    expect(JSON.stringify(partition)).not.toContain("distinctive");
  });
});

describe("updateTokenCache", () => {
  it("does not overwrite the tokens of a sign-in after the read", async () => {
    await saveTokenCache(core, { partitionKey, tokenCache }, expiresAt);
    const before = await read();
    const later = { tokenCache: '{"Account":{"later":{}}}' };
    await saveTokenCache(core, { partitionKey, ...later }, expiresAt);

    await updateTokenCache(core, before, refreshed);

    expect(await read()).toMatchObject(later);
  });
});

describe("readTokenCache", () => {
  it.each(["lease:0:", "lease:1772355600000:", "lease:999999999999999:"])(
    "ignores the lease %s that an earlier version stored in front of the tokens",
    async (lease) => {
      const sealedCache = core.sealer.seal(
        `${lease}{"entrada":{"nonce":"a-nonce","authTime":5},"Account":{}}`,
        `token_cache:${partitionKey}`,
      );
      await core.tokenCacheStore.put({ partitionKey, sealedCache, expiresAt });

      const tokens = await read();
      await updateTokenCache(core, tokens, refreshed);

      const original = { nonce: "a-nonce", authTime: 5 };
      expect(tokens).toMatchObject({ tokenCache, original });
      expect(await read()).toMatchObject({ tokenCache: refreshed, original });
    },
  );
});
