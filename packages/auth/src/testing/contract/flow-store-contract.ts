import assert from "node:assert/strict";

import type { StoreRule } from "../store-rule.js";
import {
  brand,
  callConcurrently,
  createFlow,
  later,
  now,
} from "../store-samples.js";

/** States the promises of `FlowStore`. */
export function describeFlowStore(rule: StoreRule): void {
  describeTake(rule);
  describeRefusal(rule);
  describePending(rule);
  describeExpiry(rule);
}

function describeTake(rule: StoreRule): void {
  rule("returns the flow exactly as it was added", async ({ flowStore }) => {
    const flow = createFlow({
      scopes: ["User.Read", 'api://Größe "1"/読む', "it's\\"],
      returnUrl: brand("https://app.test/straße?q=%F0%9F%A6%8A&名=値"),
    });
    await flowStore.add(flow);

    const taken = await flowStore.take(
      flow.stateDigest,
      flow.browserTokenDigest,
      now,
    );

    assert.deepEqual(taken, flow);
  });

  rule("keeps an empty list of scopes", async ({ flowStore }) => {
    const flow = createFlow({ scopes: [] });
    await flowStore.add(flow);

    const taken = await flowStore.take(
      flow.stateDigest,
      flow.browserTokenDigest,
      now,
    );

    assert.deepEqual(taken?.scopes, []);
  });

  rule(
    "keeps a maximum age of no seconds, and an absent one absent",
    async ({ flowStore }) => {
      const flows = [0, undefined].map((maxAgeSeconds, index) =>
        createFlow({ stateDigest: brand(`state-${index}`), maxAgeSeconds }),
      );
      for (const flow of flows) await flowStore.add(flow);

      const taken = await callConcurrently(2, (index) =>
        flowStore.take(
          brand(`state-${index}`),
          createFlow().browserTokenDigest,
          now,
        ),
      );

      assert.deepEqual(taken, flows);
    },
  );

  rule(
    "keeps a copy that later changes to the added flow do not reach",
    async ({ flowStore }) => {
      const flow = createFlow({ expiresAt: later(1000) });
      await flowStore.add(flow);

      flow.expiresAt.setTime(0);

      assert.equal(await flowStore.isPending(flow.stateDigest, now), true);
    },
  );

  rule(
    "[F7] gives a flow to one of 100 concurrent callers",
    async ({ flowStore }) => {
      const flow = createFlow();
      await flowStore.add(flow);

      const answers = await callConcurrently(100, () =>
        flowStore.take(flow.stateDigest, flow.browserTokenDigest, now),
      );

      assert.deepEqual(
        answers.filter((answer) => answer !== undefined),
        [flow],
      );
    },
  );

  rule("leaves the flows of other tabs alone", async ({ flowStore }) => {
    const first = createFlow({ stateDigest: brand("state-1") });
    const second = createFlow({ stateDigest: brand("state-2") });
    await flowStore.add(first);
    await flowStore.add(second);

    await flowStore.take(first.stateDigest, first.browserTokenDigest, now);

    assert.deepEqual(
      await flowStore.take(second.stateDigest, second.browserTokenDigest, now),
      second,
    );
  });
}

function describeRefusal(rule: StoreRule): void {
  rule(
    "returns undefined for a state that no flow has",
    async ({ flowStore }) => {
      const flow = createFlow();

      assert.equal(
        await flowStore.take(flow.stateDigest, flow.browserTokenDigest, now),
        undefined,
      );
    },
  );

  rule("removes nothing for another browser's token", async ({ flowStore }) => {
    const flow = createFlow();
    await flowStore.add(flow);

    const refused = await flowStore.take(
      flow.stateDigest,
      brand("another-browser"),
      now,
    );

    assert.equal(refused, undefined);
    assert.deepEqual(
      await flowStore.take(flow.stateDigest, flow.browserTokenDigest, now),
      flow,
    );
  });

  rule(
    "[F6] does not give a flow away from the instant it expires",
    async ({ flowStore }) => {
      const flow = createFlow({ expiresAt: later(1000) });
      await flowStore.add(flow);

      const tooLate = await flowStore.take(
        flow.stateDigest,
        flow.browserTokenDigest,
        later(1000),
      );
      const inTime = await flowStore.take(
        flow.stateDigest,
        flow.browserTokenDigest,
        later(999),
      );

      assert.equal(tooLate, undefined);
      assert.deepEqual(inTime, flow);
    },
  );

  rule(
    "refuses a second flow for the same state and keeps the first",
    async ({ flowStore }) => {
      const flow = createFlow();
      await flowStore.add(flow);

      await assert.rejects(
        flowStore.add({
          ...flow,
          browserTokenDigest: brand("another-browser"),
        }),
      );

      assert.deepEqual(
        await flowStore.take(flow.stateDigest, flow.browserTokenDigest, now),
        flow,
      );
    },
  );
}

function describePending(rule: StoreRule): void {
  rule(
    "knows a pending flow until it is taken, and does not take it by looking",
    async ({ flowStore }) => {
      const flow = createFlow();
      await flowStore.add(flow);

      const before = [
        await flowStore.isPending(flow.stateDigest, now),
        await flowStore.isPending(flow.stateDigest, now),
      ];
      await flowStore.take(flow.stateDigest, flow.browserTokenDigest, now);

      assert.deepEqual(before, [true, true]);
      assert.equal(await flowStore.isPending(flow.stateDigest, now), false);
    },
  );

  rule(
    "does not count an expired or unknown flow as pending",
    async ({ flowStore }) => {
      const flow = createFlow({ expiresAt: later(1000) });
      await flowStore.add(flow);

      assert.equal(
        await flowStore.isPending(flow.stateDigest, later(999)),
        true,
      );
      assert.equal(
        await flowStore.isPending(flow.stateDigest, later(1000)),
        false,
      );
      assert.equal(await flowStore.isPending(brand("unknown"), now), false);
    },
  );
}

function describeExpiry(rule: StoreRule): void {
  rule(
    "deletes expired flows, and no other, up to the limit",
    async ({ flowStore }) => {
      await callConcurrently(7, (index) =>
        flowStore.add(
          createFlow({
            stateDigest: brand(`state-${index}`),
            expiresAt: later(index),
          }),
        ),
      );

      const removed = [
        await flowStore.deleteExpired(later(4), 3),
        await flowStore.deleteExpired(later(4), 3),
        await flowStore.deleteExpired(later(4), 3),
      ];

      assert.deepEqual(removed, [3, 2, 0]);
      assert.equal(await flowStore.isPending(brand("state-5"), later(4)), true);
      assert.equal(await flowStore.isPending(brand("state-6"), later(4)), true);
    },
  );
}
