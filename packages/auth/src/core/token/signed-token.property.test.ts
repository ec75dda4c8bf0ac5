import { createPublicKey } from "node:crypto";
import * as fc from "fast-check";
import { jwtVerify } from "jose";
import type { JWTPayload } from "jose";
import { describe, expect, it } from "vitest";
import { fuzzSeed } from "../../../test/support/fuzz-seed.js";
import { tokenTextChange } from "../../../test/support/token-changes.js";
import { createFakeIdentityProvider } from "../../testing/provider/fake-identity-provider.js";
import { createFakeSigningKey } from "../../testing/provider/fake-signing-key.js";
import { createTestClock } from "../../testing/test-clock.js";
import { testPeople } from "../../testing/provider/test-people.js";
import { AuthError, isAuthError } from "../error.js";
import { skewSeconds, verifySignedToken } from "./signed-token.js";

const { now } = createTestClock();
const seconds = now().getTime() / 1000;
const provider = createFakeIdentityProvider({ now });
const publicKey = createPublicKey(createFakeSigningKey(0).privateKey);
const parameters = { seed: fuzzSeed, numRuns: 1500 };

/** Returns the payload; `undefined` if the token is refused. Rethrows any other error. */
async function verifyByUs(token: string): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await verifySignedToken(
      {
        identityClient: {
          clientId: provider.clientId,
          identityProvider: provider,
        },
        now,
      },
      token,
      {
        type: "jwt",
        isTypeOptional: true,
        refuse: (finding) => new AuthError("id_token_invalid", finding),
      },
    );
    return payload;
  } catch (error) {
    if (isAuthError(error)) return undefined;
    throw error;
  }
}

async function verifyByJose(token: string): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtVerify(token, publicKey, {
      algorithms: ["RS256"],
      clockTolerance: skewSeconds,
      currentDate: now(),
    });
    return payload;
  } catch {
    return undefined;
  }
}

const time = fc.oneof(
  fc.integer({ min: -301, max: 301 }).map((difference) => seconds + difference),
  fc.constantFrom(seconds - 300, seconds + 300, 0, -1, 1.5, 1e300),
  fc.jsonValue({ maxDepth: 1 }),
);
const claims = fc.dictionary(
  fc.constantFrom("exp", "nbf", "iat", "aud", "__proto__", "name"),
  time,
);

describe("verifySignedToken", () => {
  it("decides like jose about every token that the provider signed, and returns the same payload", async () => {
    await fc.assert(
      fc.asyncProperty(claims, async (changed) => {
        const token = await provider.createIdToken({
          person: testPeople.ada,
          change: { claims: changed },
        });

        expect(await verifyByUs(token)).toEqual(await verifyByJose(token));
      }),
      { ...parameters, numRuns: 500 },
    );
  });

  it("accepts no text that jose refuses", async () => {
    const genuine = await provider.createIdToken({ person: testPeople.ada });

    await fc.assert(
      fc.asyncProperty(tokenTextChange, async (change) => {
        const token = change(genuine);
        const ours = await verifyByUs(token);

        if (ours !== undefined) expect(ours).toEqual(await verifyByJose(token));
      }),
      parameters,
    );
  });
});
