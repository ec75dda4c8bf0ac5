import { demoApp } from "@entrada/entra-emulator";
import type { LogoutTokenVariant } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDatabase } from "../../../../apps/server/test/support/database-file.js";
import { startRelyingParty } from "./support/relying-party.js";
import type { RelyingParty } from "./support/relying-party.js";
import {
  ada,
  isSignedIn,
  readCookie,
  replay,
  signIn,
  signInBesides,
} from "./support/visitors.js";

// The modules of the OpenID Foundation's relying-party plan for back-channel logout.

let relyingParty: RelyingParty;

beforeAll(async () => {
  relyingParty = await startRelyingParty();
});

afterAll(async () => {
  await relyingParty?.stop();
});

/** Returns the provider's ID of the visitor's session. */
function readSid(cookie: string): string {
  const [id = ""] = cookie.split(".");
  return withDatabase(relyingParty.server.databasePath, (database) =>
    String(
      database
        .prepare("SELECT provider_session_id FROM auth_session WHERE id = ?")
        .pluck()
        .get(id),
    ),
  );
}

/** Makes the provider send a logout token for the visitor's session, and returns the status. */
async function deliver(
  sid: string,
  variant: LogoutTokenVariant = "valid",
): Promise<number> {
  const { status } = await relyingParty.emulator.control.sendLogoutToken({
    clientId: demoApp.clientId,
    upn: ada.upn,
    sid,
    variant,
    url: `${relyingParty.origin}/auth/back-channel-logout`,
  });
  return status;
}

describe("[M27] oidcc-client-test-rp-backchannel-rpinitlogout", () => {
  it("backchannel-rp-init-logout: a valid logout token ends every session of its sid, and may be repeated", async () => {
    const visitor = await signIn(relyingParty);
    const other = readCookie(visitor);
    await signInBesides(visitor);
    const sid = readSid(other);
    const bystander = await signIn(relyingParty);

    await visitor.mutate("auth.logout");
    const first = await deliver(sid);
    const second = await deliver(sid);

    expect([first, second]).toEqual([200, 200]);
    expect(await isSignedIn(replay(relyingParty, other))).toBe(false);
    expect(await isSignedIn(bystander)).toBe(true);
  });
});

/** Expects that an invalid logout token does not end the session, and a valid one does. */
async function expectLogoutTokenRefused(
  variant: LogoutTokenVariant,
): Promise<void> {
  const visitor = await signIn(relyingParty);
  const sid = readSid(readCookie(visitor));

  const refused = await deliver(sid, variant);

  expect(refused).toBe(400);
  expect(await isSignedIn(visitor)).toBe(true);
  expect(await deliver(sid)).toBe(200);
  expect(await isSignedIn(visitor)).toBe(false);
}

describe("[M28][O10] oidcc-client-test-rp-backchannel-rpinitlogout-alg-none", () => {
  it("backchannel-rp-init-logout-alg-none: refuses a logout token without a signature", () =>
    expectLogoutTokenRefused("alg_none"));
});

describe("[M29][O10] oidcc-client-test-rp-backchannel-rpinitlogout-no-event", () => {
  it("backchannel-rp-init-logout-no-event: refuses a logout token without events", () =>
    expectLogoutTokenRefused("no_event"));
});

describe("[M30][O10] oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce", () => {
  it("backchannel-rp-init-logout-with-nonce: refuses a logout token with a nonce", () =>
    expectLogoutTokenRefused("with_nonce"));
});

describe("[M31][O10] oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg", () => {
  it("backchannel-rp-init-logout-wrong-alg: refuses a logout token that is signed with the client secret", () =>
    expectLogoutTokenRefused("wrong_alg"));
});

describe("[M32][O10] oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud", () => {
  it("backchannel-rp-init-logout-wrong-aud: refuses a logout token for another client", () =>
    expectLogoutTokenRefused("wrong_aud"));
});

describe("[M33][O10] oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event", () => {
  it("backchannel-rp-init-logout-wrong-event: refuses a logout token with another event", () =>
    expectLogoutTokenRefused("wrong_event"));
});

describe("[M34][O10] oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss", () => {
  it("backchannel-rp-init-logout-wrong-iss: refuses a logout token of another issuer", () =>
    expectLogoutTokenRefused("wrong_iss"));
});
