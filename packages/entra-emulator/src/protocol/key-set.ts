import type { Authority } from "../directory/authority.js";
import { builtInTenants } from "../directory/built-in-directory.js";
import type { JsonObject, KeySetVariant } from "../faults/fault.js";
import type { SigningKey } from "../keys/signing-key.js";
import type { EmulatorState } from "../state/emulator-state.js";
import { issuerOf } from "../tokens/id-token-claims.js";

/**
 * Returns the published keys of an authority, changed by active faults. For an app with a custom signing key that is
 * the only key, and it is not published elsewhere.
 */
export async function createKeySet(
  state: EmulatorState,
  authority: Authority,
  appId: string | undefined,
): Promise<JsonObject> {
  const published =
    (await appKeys(state, authority, appId)) ?? publishedKeys(state, authority);
  const keys = state.faults
    .take("key_set", { clientId: appId })
    .reduce(
      (current, fault) => changes[fault.variant](state, current),
      published,
    );
  return { keys };
}

async function appKeys(
  state: EmulatorState,
  { tenant }: Authority,
  appId: string | undefined,
): Promise<readonly JsonObject[] | undefined> {
  const app = appId === undefined ? undefined : state.directory.findApp(appId);
  if (app?.customSigningKey !== true) return undefined;
  const key = await state.keys.appKey(app.clientId);
  return [toJwk(key, issuerOf(state, tenant))];
}

// `common` and `consumers` publish all keys; an organisation's document omits the key of personal accounts.
function publishedKeys(
  state: EmulatorState,
  { segment, tenant }: Authority,
): readonly JsonObject[] {
  const organizationIssuer = issuerOf(
    state,
    tenant?.kind === "consumer" ? undefined : tenant,
  );
  const organizations = state.keys
    .keys("organizations")
    .map((key) => toJwk(key, organizationIssuer));
  if (segment !== "common" && tenant?.kind !== "consumer") return organizations;
  const consumerIssuer = issuerOf(state, builtInTenants.consumers);
  return [
    ...organizations,
    ...state.keys.keys("consumers").map((key) => toJwk(key, consumerIssuer)),
  ];
}

function toJwk(key: SigningKey, issuer: string): JsonObject {
  const { n = "", e = "" } = key.publicKey.export({ format: "jwk" });
  return {
    kty: "RSA",
    use: "sig",
    kid: key.kid,
    x5t: key.kid,
    n,
    e,
    x5c: [key.certificate],
    cloud_instance_name: "microsoftonline.com",
    issuer,
  };
}

type KeySetChange = (
  state: EmulatorState,
  keys: readonly JsonObject[],
) => readonly JsonObject[];

const changes: Readonly<Record<KeySetVariant, KeySetChange>> = {
  single_key: (_, keys) => keys.slice(0, 1),
  single_key_without_kid: (_, keys) => keys.slice(0, 1).map(withoutKid),
  all_without_kid: (_, keys) => keys.map(withoutKid),
  foreign_issuer: (_, keys) =>
    keys.map((key) => ({
      ...key,
      issuer: "https://login.example/{tenantid}/v2.0",
    })),
  without_issuer: (_, keys) => keys.map(({ issuer: _issuer, ...key }) => key),
  extra_keys: (state, keys) => [
    toJwk(state.keys.unpublishedKey, issuerOf(state, undefined)),
    ...keys,
  ],
  next_key_only: (_, keys) => keys.slice(1, 2),
  empty: () => [],
};

function withoutKid({ kid: _kid, x5t: _x5t, ...key }: JsonObject): JsonObject {
  return key;
}
