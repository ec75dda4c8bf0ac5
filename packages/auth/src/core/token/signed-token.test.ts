import { createPublicKey, generateKeyPair, sign } from "node:crypto";
import { promisify } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createFakeIdentityProvider } from "../../testing/provider/fake-identity-provider.js";
import type { FakeIdentityProvider } from "../../testing/provider/fake-identity-provider.js";
import { testPeople } from "../../testing/provider/test-people.js";
import { AuthError } from "../error.js";
import { verifySignedToken } from "./signed-token.js";
import type { VerifiedToken } from "./signed-token.js";

afterEach(() => {
  vi.restoreAllMocks();
});

function verifyToken(
  provider: FakeIdentityProvider,
  token: string,
): Promise<VerifiedToken> {
  return verifySignedToken(
    {
      identityClient: {
        clientId: provider.clientId,
        identityProvider: provider,
      },
      now: () => new Date(),
    },
    token,
    {
      type: "jwt",
      isTypeOptional: true,
      refuse: (finding) => new AuthError("id_token_invalid", finding),
    },
  );
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Signs a token with a key of this length, which the provider publishes. */
async function createToken(
  provider: FakeIdentityProvider,
  modulusLength: number,
  header: object = {},
): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength,
  });
  // Through PEM, because the export of a fresh key as JWK can hang in Node 20.
  const pem = privateKey.export({ format: "pem", type: "pkcs8" });
  const jwk = createPublicKey(pem).export({ format: "jwk" });
  provider.changeKeys(() => [{ ...jwk, kid: "published", use: "sig" }]);
  const head = { alg: "RS256", kid: "published", ...header };
  const text = `${encode(head)}.${encode({ sub: "ada" })}`;
  const signature = sign("RSA-SHA256", Buffer.from(text), privateKey);
  return `${text}.${signature.toString("base64url")}`;
}

describe("verifySignedToken", () => {
  it("imports a key once for each key ID, however many tokens it signed", async () => {
    const provider = createFakeIdentityProvider();
    const tokens = [testPeople.ada, testPeople.ben, testPeople.ada].map(
      (person) => provider.createIdToken({ person }),
    );
    const imports = vi.spyOn(crypto.subtle, "importKey");
    const copies = vi.spyOn(globalThis, "structuredClone");
    const counts: number[][] = [];

    for (const token of await Promise.all(tokens)) {
      await verifyToken(provider, token);
      counts.push([imports, copies].map(({ mock }) => mock.calls.length));
    }

    expect(counts[0]?.[0]).toBe(1);
    // Later tokens also do not copy the published keys.
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[2]).toEqual(counts[0]);
  });

  it("refuses a published key of less than 2,048 bits (RFC 7518 §3.3)", async () => {
    const provider = createFakeIdentityProvider();

    const short = verifyToken(provider, await createToken(provider, 1024));

    await expect(short).rejects.toMatchObject({
      code: "id_token_invalid",
    });
  });

  it("accepts a published key of 2,048 bits", async () => {
    const provider = createFakeIdentityProvider();
    const token = await createToken(provider, 2048);

    const { payload } = await verifyToken(provider, token);

    expect(payload).toEqual({ sub: "ada" });
  });

  it.each([[["exp"]], [["unknown"]], [[]]])(
    "refuses the critical extensions %j, even if the provider signed them",
    async (crit) => {
      const provider = createFakeIdentityProvider();
      const header = { crit, exp: 1, unknown: true };

      const verifying = verifyToken(
        provider,
        await createToken(provider, 2048, header),
      );

      await expect(verifying).rejects.toMatchObject({
        message: "it is not a signed JWT of the expected form",
      });
    },
  );
});
