import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { fuzzSeed } from "../../../test/support/fuzz-seed.js";
import {
  isSameToken,
  tokenTextChange,
} from "../../../test/support/token-changes.js";
import { createFakeIdentityProvider } from "../../testing/provider/fake-identity-provider.js";
import { createTestClock } from "../../testing/test-clock.js";
import { testTenants } from "../../testing/provider/test-people.js";
import { isAuthError } from "../error.js";
import { validateLogoutToken } from "./logout-token.js";

const { now } = createTestClock();
const provider = createFakeIdentityProvider({ now });
const { clientId } = provider;
const tenantId = testTenants.contoso;
const sid = "provider-session-1";
const parameters = { seed: fuzzSeed, numRuns: 1000 };

let genuine: string;

beforeAll(async () => {
  genuine = await provider.createLogoutToken({
    tenantId,
    providerSessionId: sid,
  });
});

/** Returns whether the token is refused. Rethrows any other error. */
async function isRefused(token: string): Promise<boolean> {
  try {
    await validateLogoutToken(
      { identityClient: { clientId, identityProvider: provider }, now },
      token,
    );
    return false;
  } catch (error) {
    if (isAuthError(error) && error.code === "invalid_request") return true;
    throw error;
  }
}

describe("validateLogoutToken", () => {
  it("accepts every genuine token", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(testTenants.contoso, testTenants.fabrikam),
        fc.string({ minLength: 1 }),
        async (tenant, providerSessionId) => {
          const token = await provider.createLogoutToken({
            tenantId: tenant,
            providerSessionId,
          });

          expect(await isRefused(token)).toBe(false);
        },
      ),
      { ...parameters, numRuns: 50 },
    );
  });

  it("refuses a genuine token after any change with invalid_request", async () => {
    await fc.assert(
      fc.asyncProperty(tokenTextChange, async (change) => {
        const altered = change(genuine);
        fc.pre(!isSameToken(altered, genuine));

        expect(await isRefused(altered)).toBe(true);
      }),
      parameters,
    );
  });

  it("refuses a token that the provider signed if a required claim is JSON of another type", async () => {
    const claim = fc.constantFrom(
      "iss",
      "aud",
      "iat",
      "exp",
      "events",
      "nonce",
    );

    await fc.assert(
      fc.asyncProperty(
        claim,
        fc.jsonValue({ maxDepth: 2 }),
        async (name, value) => {
          // A number may be an acceptable time.
          fc.pre(typeof value !== "number");
          const token = await provider.createLogoutToken({
            tenantId,
            providerSessionId: sid,
            change: { claims: { [name]: value } },
          });

          expect(await isRefused(token)).toBe(true);
        },
      ),
      { ...parameters, numRuns: 300 },
    );
  });
});
