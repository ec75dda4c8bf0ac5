import type { Clock } from "../state/clock.js";
import { generateSigningKey, type SigningKey } from "./signing-key.js";

const MAXIMUM_KEYS = 4;
const COMMON_NAMES = {
  organizations: "accounts.accesscontrol.emulator.test",
  consumers: "Live ID STS Signing Public Key (emulator)",
} as const;

/** Which keys: those of organisations, whose `issuer` is a template, or those of personal accounts. */
export type KeyFamily = keyof typeof COMMON_NAMES;

/** How a rotation treats the keys before it. */
export interface KeyRotation {
  readonly family?: KeyFamily | undefined;
  /** Stops publishing the previous keys at once, as in an emergency roll. */
  readonly retirePrevious?: boolean | undefined;
}

/** The signing keys of the emulator. The first of a family signs; the others are published and still verify. */
export interface KeyRing {
  keys(family: KeyFamily): readonly SigningKey[];
  signingKey(family: KeyFamily): SigningKey;
  /** The key of one app with a custom signing key, made when it is first needed. */
  appKey(clientId: string): Promise<SigningKey>;
  /** A key that signs in faults and is never published. */
  readonly unpublishedKey: SigningKey;
  /** Makes a new key that signs at once. */
  rotate(rotation?: KeyRotation): Promise<SigningKey>;
}

/** Generates two keys for organisations, one for personal accounts and one that is never published. */
export async function createKeyRing(clock: Clock): Promise<KeyRing> {
  const generate = (family: KeyFamily): Promise<SigningKey> =>
    generateSigningKey(COMMON_NAMES[family], clock.now());
  const [signing, next, consumer, unpublishedKey] = await Promise.all([
    generate("organizations"),
    generate("organizations"),
    generate("consumers"),
    generate("organizations"),
  ]);
  const current = { organizations: signing, consumers: consumer };
  const others: Record<KeyFamily, readonly SigningKey[]> = {
    organizations: [next],
    consumers: [],
  };
  const appKeys = new Map<string, Promise<SigningKey>>();
  return {
    unpublishedKey,
    appKey: (clientId) => {
      const name = clientId.toLowerCase();
      const key = appKeys.get(name) ?? generate("organizations");
      appKeys.set(name, key);
      return key;
    },
    keys: (family) => [current[family], ...others[family]],
    signingKey: (family) => current[family],
    rotate: async ({
      family = "organizations",
      retirePrevious = false,
    } = {}) => {
      const rotated = await generate(family);
      const previous = retirePrevious
        ? [await generate(family)]
        : [current[family], ...others[family]];
      others[family] = previous.slice(0, MAXIMUM_KEYS - 1);
      current[family] = rotated;
      return rotated;
    },
  };
}
