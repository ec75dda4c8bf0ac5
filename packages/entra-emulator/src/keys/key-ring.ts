import type { Clock } from "../state/clock.js";
import { generateSigningKey, type SigningKey } from "./signing-key.js";

const MAXIMUM_KEYS = 4;
const COMMON_NAMES = {
  organizations: "accounts.accesscontrol.emulator.test",
  consumers: "Live ID STS Signing Public Key (emulator)",
} as const;

/** The keys of organisations, whose `issuer` is a template, or of personal accounts. */
type KeyFamily = keyof typeof COMMON_NAMES;

/** The options of a key rotation. */
export interface KeyRotation {
  /** Stops publishing the previous keys at once, as in an emergency roll. */
  readonly retirePrevious?: boolean | undefined;
}

/** The signing keys of the emulator. The first key of a family signs; the others are published and still verify. */
export interface KeyRing {
  keys(family: KeyFamily): readonly SigningKey[];
  signingKey(family: KeyFamily): SigningKey;
  /** Returns the key of an app with a custom signing key, and generates it when it is first needed. */
  appKey(clientId: string): Promise<SigningKey>;
  /** A key that is used by faults and never published. */
  readonly unpublishedKey: SigningKey;
  /** Replaces the signing key of organisations at once. */
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
  const published: Record<
    KeyFamily,
    readonly [SigningKey, ...(readonly SigningKey[])]
  > = { organizations: [signing, next], consumers: [consumer] };
  const appKeys = new Map<string, Promise<SigningKey>>();
  return {
    unpublishedKey,
    appKey: (clientId) => {
      const name = clientId.toLowerCase();
      const key = appKeys.get(name) ?? generate("organizations");
      appKeys.set(name, key);
      return key;
    },
    keys: (family) => published[family],
    signingKey: (family) => published[family][0],
    rotate: async ({ retirePrevious = false } = {}) => {
      const rotated = await generate("organizations");
      const previous = retirePrevious
        ? [await generate("organizations")]
        : published.organizations;
      published.organizations = [
        rotated,
        ...previous.slice(0, MAXIMUM_KEYS - 1),
      ];
      return rotated;
    },
  };
}
