import { startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator, Fault } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cooldownSeconds,
  countKeyReads,
  withFreshServer,
} from "./support/fresh-server.js";
import { idTokenRefusal, withRelyingParty } from "./support/relying-party.js";
import type { RelyingParty } from "./support/relying-party.js";

// The modules of the OpenID Foundation's relying-party plans that test the provider's keys.

const withoutKid: Fault = { type: "id_token_header", remove: ["kid"] };

let emulator: EntraEmulator;

beforeAll(async () => {
  emulator = await startEntraEmulator();
});

afterAll(async () => {
  await emulator?.close();
});

describe("[M6] oidcc-client-test-kid-absent-single-jwks", () => {
  it("[I6] kid-absent-single-jwks: accepts an ID token without kid if one key is published", () =>
    withFreshServer(emulator, async (relyingParty) => {
      await relyingParty.expectAccepted(withoutKid, {
        type: "key_set",
        variant: "single_key_without_kid",
      });
    }));
});

describe("[M7] oidcc-client-test-kid-absent-multiple-jwks", () => {
  it("[I7] kid-absent-multiple-jwks: refuses an ID token without kid if several keys are published", () =>
    withFreshServer(emulator, async (relyingParty, clock) => {
      await relyingParty.expectRefusal(
        {
          ...idTokenRefusal,
          // The valid token names a key that this server has not read.
          recover: () => clock.advance(cooldownSeconds),
        },
        withoutKid,
        { type: "key_set", variant: "all_without_kid" },
      );
    }));

  it("[I7] kid-absent-multiple-jwks: refuses it if the published keys have a kid", () =>
    withFreshServer(emulator, async (relyingParty) => {
      await relyingParty.expectRefused(withoutKid);
    }));
});

describe("[M16] oidcc-client-test-signing-key-rotation", () => {
  it("[I10] signing-key-rotation: accepts ID tokens before and after a key rotation", () =>
    withFreshServer(emulator, async (relyingParty, clock) => {
      await relyingParty.expectAccepted();
      await emulator.control.rotateKeys();
      clock.advance(cooldownSeconds);

      const reads = await countKeyReads(emulator, () =>
        relyingParty.expectAccepted(),
      );

      expect(reads).toBe(1);
    }));

  it("[I10] signing-key-rotation: accepts ID tokens after an emergency rotation that removes the previous keys", () =>
    withFreshServer(emulator, async (relyingParty, clock) => {
      await relyingParty.expectAccepted();
      await emulator.control.rotateKeys({ retirePrevious: true });
      clock.advance(cooldownSeconds);

      await relyingParty.expectAccepted();
    }));
});

describe("[M17] oidcc-client-test-signing-key-rotation-just-before-signing", () => {
  it("signing-key-rotation-just-before-signing: accepts an ID token whose key is newer than the cached keys", () =>
    withFreshServer(emulator, async (relyingParty, clock) => {
      await relyingParty.expectAccepted();
      clock.advance(cooldownSeconds);

      const reads = await countKeyReads(emulator, () =>
        relyingParty.expectAccepted({
          type: "rotate_before_signing",
          times: 1,
        }),
      );

      expect(reads).toBe(1);
    }));
});

describe("a published key with an issuer (Entra)", () => {
  it("[E3] is not valid for another issuer", () =>
    withFreshServer(emulator, async (relyingParty) => {
      await expectRefusedForGood(relyingParty, {
        type: "key_set",
        variant: "foreign_issuer",
      });
    }));

  it("[E3] of personal accounts is not valid for an organisation", () =>
    withFreshServer(
      emulator,
      async (relyingParty) => {
        await relyingParty.expectRefused({
          type: "id_token_signature",
          variant: "consumer_key",
        });
      },
      { ENTRA_TENANT: "common" },
    ));

  it("may have no issuer, like the keys of other providers", () =>
    withFreshServer(emulator, async (relyingParty) => {
      await relyingParty.expectAccepted({
        type: "key_set",
        variant: "without_issuer",
      });
    }));
});

/** This server has cached the wrong keys, so another server shows that the user can sign in. */
async function expectRefusedForGood(
  relyingParty: RelyingParty,
  fault: Fault,
): Promise<void> {
  const { upn } = relyingParty.addStranger();
  const visitor = relyingParty.createVisitor();

  const refused = await relyingParty.withFaults([fault], () =>
    visitor.signIn(upn),
  );

  expect(refused.error?.data.authCode).toBe(idTokenRefusal.code);
  expect(refused.status).toBe(idTokenRefusal.status);
  expect((await visitor.query("auth.me")).data).toBeNull();
  const { databasePath } = relyingParty.server;
  await withRelyingParty({ emulator, databasePath }, async (other) => {
    const honest = await other.createVisitor().signIn(upn);
    expect(honest.data.isNewUser).toBe(true);
  });
}
