import { createAuth } from "../core/create-auth.js";
import type { Auth } from "../core/auth.js";
import type { AuthEvent } from "../core/event.js";
import type { AuthOptions } from "../core/options.js";
import type { Ports } from "../core/ports.js";
import type { Stores } from "../core/stores/stores.js";
import { createSealer } from "../core/sealer.js";
import { createFakeIdentityClient } from "./provider/fake-identity-client.js";
import type {
  FakeIdentityClient,
  FakeIdentityClientOptions,
} from "./provider/fake-identity-client.js";
import { createMemoryStores } from "./memory/stores.js";
import { createTestClock } from "./test-clock.js";
import type { TestClock } from "./test-clock.js";

/** Every port of the core, in memory. */
export interface TestPorts extends Ports {
  readonly identityClient: FakeIdentityClient;
  readonly clock: TestClock;
}

/** What `createTestAuth` can be told: options of `createAuth` and of the fake identity client. */
export type TestAuthOptions = Partial<
  Omit<AuthOptions, "identityClient" | "now">
> & {
  readonly client?: Omit<FakeIdentityClientOptions, "now">;
};

/** A sign-in layer in memory, and what a test needs to drive it and to look at it. */
export interface TestAuth {
  readonly auth: Auth;
  readonly identityClient: FakeIdentityClient;
  readonly stores: Stores;
  readonly clock: TestClock;
  /** Every event so far. */
  readonly events: readonly AuthEvent[];
}

/** The origin of the application under test. */
export const testOrigin = "https://app.test";

const testSecret = new Uint8Array(32).fill(7);

/** Makes every port of the core: memory stores, a fake identity client, and a clock that stands still. */
export function createTestPorts(
  options: Omit<FakeIdentityClientOptions, "now"> = {},
): TestPorts {
  const clock = createTestClock();
  return {
    ...createMemoryStores(),
    identityClient: createFakeIdentityClient({ ...options, now: clock.now }),
    sealer: createSealer([testSecret]),
    now: clock.now,
    clock,
  };
}

/** Makes a sign-in layer over memory stores and a fake identity client. */
export function createTestAuth({
  client,
  ...options
}: TestAuthOptions = {}): TestAuth {
  const clock = createTestClock();
  const appUrl = options.appUrl ?? testOrigin;
  const identityClient = createFakeIdentityClient({
    redirectUri: `${appUrl}/auth/callback`,
    ...client,
    now: clock.now,
  });
  const stores = options.stores ?? createMemoryStores();
  const events: AuthEvent[] = [];
  const auth = createAuth({
    secrets: [testSecret],
    ...options,
    appUrl,
    identityClient,
    stores,
    now: clock.now,
    onEvent: (event) => {
      events.push(event);
      return options.onEvent?.(event);
    },
  });
  return { auth, identityClient, stores, clock, events };
}
