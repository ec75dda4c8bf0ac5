import { randomUUID } from "node:crypto";
import { startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator, Fault } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cooldownSeconds,
  countKeyReads,
  withFreshServer,
} from "./support/fresh-server.js";
import { idTokenRefusal } from "./support/relying-party.js";
import type { RelyingParty } from "./support/relying-party.js";

let emulator: EntraEmulator;

beforeAll(async () => {
  emulator = await startEntraEmulator();
});

afterAll(async () => {
  await emulator?.close();
});

/** Sets another `kid` in every token. */
function namingRandomKids(): Fault {
  return {
    type: "id_token_header",
    set: {
      get kid() {
        return randomUUID();
      },
    },
  };
}

describe("an unknown kid", () => {
  it("[I8] is refused after the keys are read again once, and not again within the cool-down", () =>
    withFreshServer(emulator, async (relyingParty, clock) => {
      await relyingParty.expectAccepted();
      clock.advance(cooldownSeconds);

      const first = await countKeyReads(emulator, () =>
        relyingParty.expectRefused(namingRandomKids()),
      );
      const others = await countKeyReads(emulator, async () => {
        await relyingParty.expectRefused(namingRandomKids());
        await relyingParty.expectRefused({
          type: "id_token_signature",
          variant: "rs256_unpublished_key",
        });
      });

      expect([first, others]).toEqual([1, 0]);
    }));

  it("[I9] causes only a few key reads for a thousand tokens with different ones", () =>
    withFreshServer(emulator, async (relyingParty, clock) => {
      emulator.control.autoSignIn({
        upn: relyingParty.addStranger().upn,
        times: "always",
      });
      let [refusals, reads] = [0, 0];
      const startedAt = Date.now();

      await relyingParty.withFaults([namingRandomKids()], async () => {
        for (let seconds = 0; seconds < 100; seconds += 5) {
          reads += await countKeyReads(emulator, async () => {
            refusals += await countRefusedSignIns(relyingParty, 2);
            refusals += await countRefusedLogoutTokens(relyingParty, 48);
          });
          clock.advance(5);
        }
      });

      emulator.control.autoSignIn(undefined);
      expect(refusals).toBe(1000);
      expect(reads).toBeGreaterThan(0);
      // The server's clock is advanced by a hundred seconds, and also runs during the test.
      const seconds = 100 + (Date.now() - startedAt) / 1000;
      expect(reads).toBeLessThanOrEqual(
        1 + Math.ceil(seconds / cooldownSeconds),
      );
      await relyingParty.expectAccepted();
    }));
});

/** Signs `count` visitors in concurrently, and returns how many were refused for their ID token. */
async function countRefusedSignIns(
  relyingParty: RelyingParty,
  visitors: number,
): Promise<number> {
  const results = await Promise.all(
    Array.from({ length: visitors }, () =>
      relyingParty
        .createVisitor()
        .signIn("the person who is signed in automatically"),
    ),
  );
  return results.filter(
    ({ error }) => error?.data.authCode === idTokenRefusal.code,
  ).length;
}

/** Sends `count` logout tokens concurrently, as any client can, and returns how many were refused. */
async function countRefusedLogoutTokens(
  { origin }: RelyingParty,
  tokens: number,
): Promise<number> {
  const results = await Promise.all(
    Array.from({ length: tokens }, () =>
      fetch(`${origin}/auth/back-channel-logout`, {
        method: "POST",
        body: new URLSearchParams({ logout_token: forgeLogoutToken() }),
      }),
    ),
  );
  return results.filter(({ status }) => status === 400).length;
}

function forgeLogoutToken(): string {
  const header = { alg: "RS256", typ: "logout+jwt", kid: randomUUID() };
  const parts = [header, { sid: randomUUID() }, "signature"];
  return parts
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
}
