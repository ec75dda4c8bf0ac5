import type { Stores } from "../../core/stores/stores.js";
import type { StoreRule } from "../store-rule.js";
import { describeAuditStore } from "./audit-store-contract.js";
import { describeClients } from "./client-contract.js";
import type { ClientRule } from "./client-contract.js";
import { describeFlowStore } from "./flow-store-contract.js";
import { describeLeaseStore } from "./lease-store-contract.js";
import { describeRateLimitStore } from "./rate-limit-store-contract.js";
import { describeSessionStore } from "./session-store-contract.js";
import { describeTokenCacheStore } from "./token-cache-store-contract.js";
import { describeUserStore } from "./user-store-contract.js";

/** The functions of a test framework that the contract uses. Vitest, Jest and `node:test` have them. */
export interface TestFramework {
  describe(subject: string, body: () => void): unknown;
  it(rule: string, body: () => Promise<void>): unknown;
}

/** Empty stores for one test. */
export interface OpenedStores {
  readonly stores: Stores;
  /**
   * Creates stores of this client on the same tables or, without a client ID, stores that are not bound to a client. If this
   * function is missing, the rules about several clients are not tested.
   */
  readonly createStoresOf?: ((clientId?: string) => Stores) | undefined;
  /** Called after the test, whether it passed or failed. */
  close(): Promise<void>;
}

/**
 * Defines the contract tests of the stores. Each test opens its own stores.
 *
 * @example
 * import { describe, it } from "vitest";
 *
 * describeStores({ describe, it }, "my stores", async () => ({ stores: createMyStores(), close: async () => {} }));
 */
export function describeStores(
  { describe, it }: TestFramework,
  name: string,
  createStores: () => Promise<OpenedStores>,
): void {
  const rule: StoreRule = (text, check) =>
    it(text, () => checkAndClose(createStores, ({ stores }) => check(stores)));
  const clientRule: ClientRule = (text, check) =>
    it(text, () =>
      checkAndClose(createStores, async ({ createStoresOf }) => {
        if (createStoresOf === undefined) return;
        await check({
          first: createStoresOf("client-1"),
          second: createStoresOf("client-2"),
          unbound: createStoresOf(),
        });
      }),
    );

  describe(`FlowStore of ${name}`, () => describeFlowStore(rule));
  describe(`UserStore of ${name}`, () => describeUserStore(rule));
  describe(`SessionStore of ${name}`, () => describeSessionStore(rule));
  describe(`TokenCacheStore of ${name}`, () => describeTokenCacheStore(rule));
  describe(`AuditStore of ${name}`, () => describeAuditStore(rule));
  describe(`RateLimitStore of ${name}`, () => describeRateLimitStore(rule));
  describe(`LeaseStore of ${name}`, () => describeLeaseStore(rule));
  describe(`Stores of ${name} for two clients`, () =>
    describeClients(clientRule));
}

async function checkAndClose(
  createStores: () => Promise<OpenedStores>,
  check: (opened: OpenedStores) => Promise<void>,
): Promise<void> {
  const opened = await createStores();
  try {
    await check(opened);
  } finally {
    await opened.close();
  }
}
