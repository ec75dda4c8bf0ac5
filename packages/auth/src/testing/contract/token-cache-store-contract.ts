import assert from "node:assert/strict";

import type { Sealed } from "../../core/identifiers.js";
import type { Stores } from "../../core/stores/stores.js";
import type { TokenCachePartition } from "../../core/stores/token-cache-store.js";
import type { StoreRule } from "../store-rule.js";
import {
  addUser,
  brand,
  callConcurrently,
  createPartition,
  later,
  now,
  startSession,
} from "../store-samples.js";

/** States the promises of `TokenCacheStore`. */
export function describeTokenCacheStore(rule: StoreRule): void {
  describePut(rule);
  describeReplace(rule);
  describeUse(rule);
  describeExpiry(rule);
}

/** Puts the sample partition and returns it as the store has it now. */
async function putPartition({
  tokenCacheStore,
}: Stores): Promise<TokenCachePartition> {
  await tokenCacheStore.put(createPartition());
  const partition = await tokenCacheStore.find(
    createPartition().partitionKey,
    now,
  );
  assert.ok(partition);
  return partition;
}

function describePut(rule: StoreRule): void {
  rule(
    "returns the partition exactly as it was put",
    async ({ tokenCacheStore }) => {
      const partition = createPartition({
        sealedCache: brand<Sealed>("k1.🦊ß".repeat(50_000)),
      });

      await tokenCacheStore.put(partition);

      const found = await tokenCacheStore.find(partition.partitionKey, now);
      assert.deepEqual(found, { ...partition, version: found?.version });
    },
  );

  rule(
    "returns undefined for an unknown partition key",
    async ({ tokenCacheStore }) => {
      assert.equal(
        await tokenCacheStore.find(brand("unknown"), now),
        undefined,
      );
    },
  );

  rule(
    "does not answer a partition from the instant it expires",
    async ({ tokenCacheStore }) => {
      const partition = createPartition({ expiresAt: later(1000) });
      await tokenCacheStore.put(partition);

      assert.notEqual(
        await tokenCacheStore.find(partition.partitionKey, later(999)),
        undefined,
      );
      assert.equal(
        await tokenCacheStore.find(partition.partitionKey, later(1000)),
        undefined,
      );
    },
  );

  rule(
    "puts a partition over what stood there and counts the write",
    async (stores) => {
      const { version } = await putPartition(stores);
      const next = createPartition({
        sealedCache: brand("k1.next"),
        expiresAt: later(172_800_000),
      });

      await stores.tokenCacheStore.put(next);

      assert.deepEqual(
        await stores.tokenCacheStore.find(next.partitionKey, now),
        { ...next, version: version + 1 },
      );
    },
  );
}

function describeReplace(rule: StoreRule): void {
  rule("replaces the version that the writer has read", async (stores) => {
    const read = await putPartition(stores);
    const next = {
      ...read,
      sealedCache: brand<Sealed>("k1.next"),
      expiresAt: later(172_800_000),
    };

    const replaced = await stores.tokenCacheStore.replace(next);

    assert.equal(replaced, true);
    assert.deepEqual(
      await stores.tokenCacheStore.find(read.partitionKey, now),
      {
        ...next,
        version: read.version + 1,
      },
    );
  });

  rule("replaces nothing after another caller has written", async (stores) => {
    const read = await putPartition(stores);
    await stores.tokenCacheStore.put(
      createPartition({ sealedCache: brand("k1.theirs") }),
    );

    const replaced = await stores.tokenCacheStore.replace({
      ...read,
      sealedCache: brand("k1.ours"),
    });

    assert.equal(replaced, false);
    assert.equal(
      (await stores.tokenCacheStore.find(read.partitionKey, now))?.sealedCache,
      "k1.theirs",
    );
  });

  rule(
    "lets one of 100 writers that read the same version replace it",
    async (stores) => {
      const read = await putPartition(stores);

      const answers = await callConcurrently(100, (index) =>
        stores.tokenCacheStore.replace({
          ...read,
          sealedCache: brand(`k1.writer-${index}`),
        }),
      );

      const found = await stores.tokenCacheStore.find(read.partitionKey, now);
      assert.equal(answers.filter(Boolean).length, 1);
      assert.equal(found?.sealedCache, `k1.writer-${answers.indexOf(true)}`);
    },
  );

  rule("does not bring a deleted partition back", async (stores) => {
    const read = await putPartition(stores);
    await stores.tokenCacheStore.deleteUnused(read.partitionKey);

    assert.equal(await stores.tokenCacheStore.replace(read), false);
    assert.equal(
      await stores.tokenCacheStore.find(read.partitionKey, now),
      undefined,
    );
  });
}

function describeUse(rule: StoreRule): void {
  rule("keeps a partition while a session refers to it", async (stores) => {
    const partition = await putPartition(stores);
    await addUser(stores);
    await startSession(stores);
    await startSession(stores, { id: brand("session-2") });

    await stores.sessionStore.end(brand("session-1"));
    await stores.tokenCacheStore.deleteUnused(partition.partitionKey);
    const withOneSession = await stores.tokenCacheStore.find(
      partition.partitionKey,
      now,
    );
    await stores.sessionStore.end(brand("session-2"));
    await stores.tokenCacheStore.deleteUnused(partition.partitionKey);
    const withoutSession = await stores.tokenCacheStore.find(
      partition.partitionKey,
      now,
    );

    assert.deepEqual(withOneSession, partition);
    assert.equal(withoutSession, undefined);
  });

  rule("forgets an unused partition and no other", async (stores) => {
    const partition = await putPartition(stores);
    const other = createPartition({ partitionKey: brand("bob.contoso") });
    await stores.tokenCacheStore.put(other);
    await addUser(stores);
    await startSession(stores, { partitionKey: undefined });
    await startSession(stores, {
      id: brand("session-2"),
      partitionKey: other.partitionKey,
    });

    await stores.tokenCacheStore.deleteUnused(partition.partitionKey);

    assert.equal(
      await stores.tokenCacheStore.find(partition.partitionKey, now),
      undefined,
    );
    assert.notEqual(
      await stores.tokenCacheStore.find(other.partitionKey, now),
      undefined,
    );
  });
}

function describeExpiry(rule: StoreRule): void {
  rule(
    "deletes expired partitions, and no other, up to the limit",
    async ({ tokenCacheStore }) => {
      await callConcurrently(7, (index) =>
        tokenCacheStore.put(
          createPartition({
            partitionKey: brand(`partition-${index}`),
            expiresAt: later(index),
          }),
        ),
      );

      const removed = [
        await tokenCacheStore.deleteExpired(later(4), 3),
        await tokenCacheStore.deleteExpired(later(4), 3),
        await tokenCacheStore.deleteExpired(later(4), 3),
      ];

      assert.deepEqual(removed, [3, 2, 0]);
      assert.notEqual(
        await tokenCacheStore.find(brand("partition-5"), later(4)),
        undefined,
      );
      assert.notEqual(
        await tokenCacheStore.find(brand("partition-6"), later(4)),
        undefined,
      );
    },
  );
}
