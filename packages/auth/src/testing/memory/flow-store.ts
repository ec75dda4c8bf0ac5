import type { FlowStore } from "../../core/stores/flow-store.js";
import { takeExpired } from "./tables.js";
import type { Tables } from "./tables.js";

/** Creates the flow store on the shared tables. */
export function createMemoryFlowStore(tables: Tables): FlowStore {
  return {
    async add(flow) {
      const { flows } = tables.own;
      if (flows.has(flow.stateDigest))
        throw new Error("A flow with this state already exists.");
      flows.set(flow.stateDigest, structuredClone(flow));
    },
    async take(stateDigest, browserTokenDigest, now) {
      const { flows } = tables.own;
      const flow = flows.get(stateDigest);
      if (
        flow?.browserTokenDigest !== browserTokenDigest ||
        flow.expiresAt <= now
      )
        return undefined;
      flows.delete(stateDigest);
      return flow;
    },
    async isPending(stateDigest, now) {
      const flow = tables.own.flows.get(stateDigest);
      return flow !== undefined && flow.expiresAt > now;
    },
    async deleteExpired(now, limit) {
      let removed = 0;
      for (const { flows } of tables.clients.values())
        removed += takeExpired(
          flows,
          ({ expiresAt }) => expiresAt,
          now,
          limit - removed,
        ).length;
      return removed;
    },
  };
}
