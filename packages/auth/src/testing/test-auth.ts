import { createCore } from "../core/core.js";
import type { Core } from "../core/core.js";
import { createAuth } from "../core/create-auth.js";
import type { Auth } from "../core/auth.js";
import type { AuthEvent } from "../core/event.js";
import type { AuthOptions } from "../core/options.js";
import type { SessionId } from "../core/identifiers.js";
import type { ActiveSession } from "../core/session/active-session.js";
import type { SessionWithUser } from "../core/stores/session-store.js";
import type { Stores } from "../core/stores/stores.js";
import { createFakeIdentityClient } from "./provider/fake-identity-client.js";
import type {
  FakeIdentityClient,
  FakeIdentityClientOptions,
} from "./provider/fake-identity-client.js";
import { createMemoryStores } from "./memory/stores.js";
import { createTestClock } from "./test-clock.js";
import type { TestClock } from "./test-clock.js";

/** The core of a sign-in layer in memory. */
export interface TestCore extends Core {
  readonly identityClient: FakeIdentityClient;
  readonly clock: TestClock;
}

/** The options of `createTestAuth`: those of `createAuth` and of the fake identity client. */
export interface TestAuthOptions extends Omit<
  AuthOptions,
  "appUrl" | "identityClient" | "now" | "secrets" | "stores"
> {
  readonly appUrl?: string | undefined;
  readonly client?: Omit<FakeIdentityClientOptions, "now"> | undefined;
  readonly secrets?: readonly Uint8Array[] | undefined;
  readonly stores?: Stores | undefined;
}

/** A sign-in layer in memory, with the parts that a test controls and inspects. */
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

/** Creates the core of a sign-in layer with memory stores, a fake identity client and a stopped clock. */
export function createTestCore(options: TestAuthOptions = {}): TestCore {
  const { identityClient, clock, authOptions } = createTestOptions(options);
  return { ...createCore(authOptions), identityClient, clock };
}

/** Creates a sign-in layer with memory stores, a fake identity client and a stopped clock. */
export function createTestAuth(options: TestAuthOptions = {}): TestAuth {
  const { identityClient, clock, authOptions } = createTestOptions(options);
  const { stores } = authOptions;
  const events: AuthEvent[] = [];
  const auth = createAuth({
    ...authOptions,
    onEvent: (event) => {
      events.push(event);
      return options.onEvent?.(event);
    },
  });
  return { auth, identityClient, stores, clock, events };
}

/** Returns the stored record of a session that has not ended. */
export async function findStored(
  { stores }: Pick<TestAuth, "stores">,
  { session }: ActiveSession,
): Promise<SessionWithUser> {
  const stored = await stores.sessionStore.find(session.id as SessionId);
  if (stored === undefined) throw new Error("The session has ended.");
  return stored;
}

function createTestOptions({ client, ...options }: TestAuthOptions): Pick<
  TestCore,
  "identityClient" | "clock"
> & {
  readonly authOptions: AuthOptions;
} {
  const clock = createTestClock();
  const appUrl = options.appUrl ?? testOrigin;
  const identityClient = createFakeIdentityClient({
    redirectUri: `${appUrl}/auth/callback`,
    ...client,
    now: clock.now,
  });
  const authOptions: AuthOptions = {
    ...options,
    secrets: options.secrets ?? [testSecret],
    appUrl,
    identityClient,
    stores: options.stores ?? createMemoryStores(),
    now: clock.now,
  };
  return { identityClient, clock, authOptions };
}
