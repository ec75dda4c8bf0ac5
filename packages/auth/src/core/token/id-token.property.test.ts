import * as fc from "fast-check";
import { CompactSign } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { fuzzSeed } from "../../../test/support/fuzz-seed.js";
import {
  isSameToken,
  tokenTextChange,
} from "../../../test/support/token-changes.js";
import { createFakeIdentityProvider } from "../../testing/provider/fake-identity-provider.js";
import { createFakeSigningKey } from "../../testing/provider/fake-signing-key.js";
import { createTestClock } from "../../testing/test-clock.js";
import { testPeople } from "../../testing/provider/test-people.js";
import { isAuthError } from "../error.js";
import { validateIdToken } from "./id-token.js";
import type { IdTokenClaims } from "./id-token.js";
import type { AccessToken, Nonce } from "../identifiers.js";

const nonce = "nonce-of-the-flow" as Nonce;
const { now } = createTestClock();
const seconds = now().getTime() / 1000;
const provider = createFakeIdentityProvider({ now });
const { kid, privateKey } = createFakeSigningKey(0);
const people = fc.constantFrom(
  testPeople.ada,
  testPeople.ben,
  testPeople.graceAtHome,
);

let genuine: string;

beforeAll(async () => {
  genuine = await provider.createIdToken({ person: testPeople.ada, nonce });
});

/** Returns the claims, or the code of the refusal. Rethrows any other error. */
async function attempt(idToken: string): Promise<IdTokenClaims | string> {
  const { issuer } = await provider.readMetadata();
  const { clientId, tenant } = provider;
  try {
    return await validateIdToken(
      { identityClient: { clientId, identityProvider: provider }, now },
      idToken,
      {
        tenantRule: { tenant },
        nonce,
        accessToken: "access-token" as AccessToken,
        issuer,
      },
    );
  } catch (error) {
    if (isAuthError(error)) return error.code;
    throw error;
  }
}

const checkedClaims = [
  "iss",
  "sub",
  "aud",
  "azp",
  "exp",
  "iat",
  "nbf",
  "tid",
  "oid",
  "nonce",
  "at_hash",
  "__proto__",
  "name",
  "roles",
] as const;
const claimValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    nonce,
    provider.clientId,
    [provider.clientId],
    [provider.clientId, "x"],
  ),
  fc.constantFrom(
    testPeople.ada.tenantId,
    testPeople.ben.objectId,
    "x".repeat(256),
  ),
  fc.constantFrom("{tenantid}", "https://login.test/{tenantid}/v2.0", "$&"),
  fc.integer({ min: -400, max: 400 }).map((difference) => seconds + difference),
);
const parameters = { seed: fuzzSeed, numRuns: 1500 };

describe("validateIdToken", () => {
  it("accepts every genuine token", async () => {
    await fc.assert(
      fc.asyncProperty(
        people,
        fc.dictionary(
          fc.stringMatching(/^x_[a-z]{1,5}$/),
          fc.jsonValue({ maxDepth: 2 }),
        ),
        async (person, claims) => {
          const idToken = await provider.createIdToken({
            person,
            nonce,
            change: { claims },
          });

          expect(await attempt(idToken)).toMatchObject({
            oid: person.objectId,
            tid: person.tenantId,
          });
        },
      ),
      { ...parameters, numRuns: 100 },
    );
  });

  it("[I5] refuses a genuine token after any change with id_token_invalid", async () => {
    await fc.assert(
      fc.asyncProperty(tokenTextChange, async (change) => {
        const altered = change(genuine);
        fc.pre(!isSameToken(altered, genuine));

        expect(await attempt(altered)).toBe("id_token_invalid");
      }),
      parameters,
    );
  });

  it("returns only the user that a token signed by the provider names, whatever its claims are", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.constantFrom(...checkedClaims),
            fc.option(claimValue, { nil: undefined }),
          ),
          { maxLength: 3 },
        ),
        async (entries) => {
          const claims = Object.fromEntries(entries);
          const idToken = await provider.createIdToken({
            person: testPeople.ada,
            nonce,
            change: { claims },
          });

          const result = await attempt(idToken);

          if (typeof result === "string") {
            expect(["id_token_invalid", "tenant_not_allowed"]).toContain(
              result,
            );
            return;
          }
          expect(result).toMatchObject({
            iss: `https://login.test/${result.tid}/v2.0`,
            aud: provider.clientId,
            sub: expect.stringMatching(/^[^]{1,255}$/),
            oid: expect.stringMatching(/^[0-9a-f-]{36}$/),
            nonce,
          });
          expect(result.exp).toBeGreaterThan(seconds - 300);
          expect(result.iat).toBeLessThanOrEqual(seconds + 300);
        },
      ),
      { ...parameters, numRuns: 500 },
    );
  });

  it("refuses any JSON that the provider signed and that is not a token", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.jsonValue(),
          fc.dictionary(fc.constantFrom(...checkedClaims), claimValue),
        ),
        async (payload) => {
          const idToken = await new CompactSign(
            Buffer.from(JSON.stringify(payload)),
          )
            .setProtectedHeader({ alg: "RS256", kid, typ: "JWT" })
            .sign(privateKey);

          expect(await attempt(idToken)).toBe("id_token_invalid");
        },
      ),
      { ...parameters, numRuns: 300 },
    );
  });
});
