import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type {
  EntraEmulator,
  Fault,
  Json,
  JsonObject,
  SignatureVariant,
} from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase } from "../sqlite-test-database.js";
import type { TestDatabase } from "../sqlite-test-database.js";
import { startTokenApp } from "./support/token-app.js";
import type { TokenApp } from "./support/token-app.js";

const { ada, ben } = builtInPeople;
const onRefresh = { on: ["refresh_token"] } as const;

let emulator: EntraEmulator;
let database: TestDatabase;
let app: TokenApp;

beforeAll(async () => {
  emulator = await startEntraEmulator();
  database = openTestDatabase();
  app = await startTokenApp(emulator, database.path);
});

afterAll(async () => {
  await app?.stop();
  database?.close();
  await emulator?.close();
});

function claims(set: JsonObject): Fault {
  return { type: "id_token_claims", set, ...onRefresh };
}

/** Returns the nonces of the last two sign-ins. */
function readNonces(): { readonly nonce: string; readonly otherNonce: string } {
  const queries = emulator.control
    .requests("authorize")
    .slice(-2)
    .map(({ query }) => query["nonce"] ?? "");
  const [nonce = "", otherNonce = ""] = queries;
  return { nonce, otherNonce };
}

/** Expects that the response yields no access token, that the session stays, and that the next refresh succeeds. */
async function expectRefused(fault: Fault): Promise<void> {
  const visitor = await app.signIn(ada.upn);
  const removeFault = emulator.control.setFault(fault);

  const refused = await visitor.refresh();
  removeFault();

  expect(refused, refused.text).toMatchObject({
    status: 502,
    authCode: "id_token_invalid",
    digest: undefined,
  });
  expect(await visitor.readSignedIn()).toBe(ada.home.objectId);
  expect(await visitor.refresh()).toMatchObject({
    status: 200,
    oid: ada.home.objectId,
  });
}

describe("[M19] oidcc-client-test-refresh-token", () => {
  it("refresh-token: acquires new access tokens, each with the latest refresh token", async () => {
    const visitor = await app.signIn(ada.upn);
    emulator.control.clearRequests();

    const tokens = [await visitor.refresh(), await visitor.refresh()];

    const forms = emulator.control.requests("token").map(({ form }) => form);
    expect(forms.map((form) => form["grant_type"])).toEqual([
      "refresh_token",
      "refresh_token",
    ]);
    expect(forms[1]?.["refresh_token"]).not.toBe(forms[0]?.["refresh_token"]);
    for (const token of tokens)
      expect(token).toMatchObject({ status: 200, oid: ada.home.objectId });
    expect(tokens[1]?.digest).not.toBe(tokens[0]?.digest);
    expect(await visitor.readSignedIn()).toBe(ada.home.objectId);
  });
});

describe("[M20] oidcc-client-test-refresh-token-invalid-issuer", () => {
  it("[I37] refresh-token-invalid-issuer: refuses a refreshed ID token of another issuer", () =>
    expectRefused(claims({ iss: "https://provider.test/v2.0" })));
});

describe("[M21] oidcc-client-test-refresh-token-invalid-sub", () => {
  it("[I37] refresh-token-invalid-sub: refuses a refreshed ID token of another sub", () =>
    expectRefused(claims({ sub: "another" })));
});

describe("a refreshed ID token (OpenID Connect Core 12.2)", () => {
  it.each<[string, Json]>([
    ["aud", "00000000-0000-4000-8000-0000000000aa"],
    ["oid", ben.home.objectId],
    ["nonce", "of-no-sign-in"],
    ["exp", 1],
    ["iat", 9_999_999_999],
    ["azp", "00000000-0000-4000-8000-0000000000aa"],
    ["at_hash", "of-another-token"],
  ])("[I37][I38] is refused with another %s", (claim, value) =>
    expectRefused(claims({ [claim]: value })),
  );

  it("[I50] is accepted without a nonce and with the nonce of its sign-in, and refused with that of another sign-in", async () => {
    const [visitor, other] = [
      await app.signIn(ada.upn),
      await app.signIn(ben.upn),
    ];
    const { nonce, otherNonce } = readNonces();
    const statuses = [];
    for (const repeated of [undefined, nonce, otherNonce, nonce]) {
      const removeFault = emulator.control.setFault(
        repeated === undefined
          ? { type: "id_token_claims", remove: ["nonce"], ...onRefresh }
          : claims({ nonce: repeated }),
      );
      statuses.push((await visitor.refresh()).status);
      removeFault();
    }

    expect(statuses).toEqual([200, 200, 502, 200]);
    expect((await other.refresh()).status).toBe(200);
  });

  it.each(["iss", "sub", "aud", "exp", "iat", "tid", "oid"])(
    "[I38] is refused without %s",
    (claim) =>
      expectRefused({
        type: "id_token_claims",
        remove: [claim],
        ...onRefresh,
      }),
  );

  it.each<SignatureVariant>([
    "none",
    "hs256_client_secret",
    "es256_other_key",
    "rs256_unpublished_key_same_kid",
    "altered_payload",
  ])("[I39] is refused with a wrong signature: %s", (variant) =>
    expectRefused({ type: "id_token_signature", variant, ...onRefresh }),
  );
});
