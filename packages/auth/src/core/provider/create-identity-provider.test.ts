import { createPublicKey } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createFakeIdentityProvider } from "../../testing/provider/fake-identity-provider.js";
import {
  createFakeSigningKey,
  createForeignSigningKey,
} from "../../testing/provider/fake-signing-key.js";
import { createTestClock } from "../../testing/test-clock.js";
import { createIdentityProvider } from "./create-identity-provider.js";
import type { AuthError } from "../error.js";

const registration = { tenant: "common", clientId: "client-1" };
const header = { alg: "RS256", kid: "key-1" };
const token = { payload: "", signature: "" };
const day = 86_400;

function create() {
  const clock = createTestClock();
  return { clock, provider: createFakeIdentityProvider({ now: clock.now }) };
}

/** Waits until pending promises have settled. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("createIdentityProvider", () => {
  it.each([
    "https://login.microsoftonline.com",
    "https://login.microsoftonline.com/",
    "http://localhost:5180",
    "http://127.0.0.1:5180",
    "http://127.9.9.9",
    "http://[::1]:5180",
  ])("accepts the authority %s", (authority) => {
    expect(
      createIdentityProvider({ ...registration, authority }).authority,
    ).toBe(new URL(authority).origin);
  });

  it.each([
    "",
    "login.microsoftonline.com",
    "https://login.microsoftonline.com/common",
    "https://login.microsoftonline.com/?x=1",
    "https://login.microsoftonline.com/#x",
    "https://user@login.microsoftonline.com",
    "https://:secret@login.microsoftonline.com",
    "http://login.microsoftonline.com",
    "http://localhost.evil.test",
    "http://127.0.0.1.evil.test",
    "http://localhost@evil.test",
    "http://0.0.0.0",
    "http://10.0.0.1",
    "http://[::2]",
    "ftp://localhost",
    "javascript:alert(1)",
  ])("throws a TypeError for the authority %j", (authority) => {
    const create = () => createIdentityProvider({ ...registration, authority });

    expect(create).toThrow(TypeError);
    expect(create).toThrow("The authority must be");
  });

  it("states the requirement that the authority violates", () => {
    expect(() =>
      createIdentityProvider({
        ...registration,
        authority: "https://login.test/common",
      }),
    ).toThrow(
      "an origin such as https://login.microsoftonline.com, without a tenant: set the tenant with the option tenant (ENTRA_TENANT)",
    );
    expect(() =>
      createIdentityProvider({
        ...registration,
        authority: "http://login.test",
      }),
    ).toThrow("must be https");
  });

  it.each([
    ["https://login.windows.net", "https://login.microsoftonline.com"],
    ["https://LOGIN.windows.net/common", "https://login.microsoftonline.com"],
    ["https://login.microsoft.com", "https://login.microsoftonline.com"],
    ["https://sts.windows.net", "https://login.microsoftonline.com"],
    [
      "https://login.chinacloudapi.cn",
      "https://login.partner.microsoftonline.cn",
    ],
    [
      "https://login-us.microsoftonline.com",
      "https://login.microsoftonline.us",
    ],
    ["https://login.usgovcloudapi.net", "https://login.microsoftonline.us"],
  ])(
    "throws a TypeError for the alias %s that names %s",
    (authority, right) => {
      const create = () =>
        createIdentityProvider({ ...registration, authority });

      expect(create).toThrow(TypeError);
      expect(create).toThrow(
        `The authority is an alias of a cloud: use ${right}.`,
      );
    },
  );

  it.each([
    "https://login.microsoftonline.us",
    "https://login.partner.microsoftonline.cn",
    "https://contoso.ciamlogin.com",
    "https://login.contoso.com",
    "https://login.windows.net.contoso.com",
    "https://constructor",
  ])("accepts %s, which is not an alias", (authority) => {
    expect(
      createIdentityProvider({ ...registration, authority }).authority,
    ).toBe(authority);
  });
});

describe("readMetadata", () => {
  it("reads the document once for 100 concurrent callers, and caches it", async () => {
    const { provider } = create();

    await Promise.all(
      Array.from({ length: 100 }, () => provider.readMetadata()),
    );
    await provider.readMetadata();

    expect(provider.countRequests("metadata")).toBe(1);
  });

  it("reads it again after a day", async () => {
    const { provider, clock } = create();
    await provider.readMetadata();

    clock.advance(day - 1);
    await provider.readMetadata();
    const withinTheDay = provider.countRequests("metadata");
    clock.advance(1);
    await provider.readMetadata();

    expect([withinTheDay, provider.countRequests("metadata")]).toEqual([1, 2]);
  });

  it("uses the system clock by default", async () => {
    const { provider } = create();
    const own = createIdentityProvider({
      authority: provider.authority,
      tenant: provider.tenant,
      clientId: provider.clientId,
      fetch: provider.fetch,
    });

    const metadata = [await own.readMetadata(), await own.readMetadata()];

    expect(metadata[1]).toBe(metadata[0]);
    expect(provider.countRequests("metadata")).toBe(1);
  });

  it("keeps the cached document while a new one cannot be read, and retries once a minute", async () => {
    const { provider, clock } = create();
    const known = await provider.readMetadata();
    provider.answerWith(
      "metadata",
      () => new Response("down", { status: 500 }),
    );

    clock.advance(day);
    const kept = [await provider.readMetadata()];
    clock.advance(59);
    kept.push(await provider.readMetadata());
    const asked = provider.countRequests("metadata");
    clock.advance(1);
    await provider.readMetadata();

    expect(kept).toEqual([known, known]);
    expect([asked, provider.countRequests("metadata")]).toEqual([2, 3]);
  });

  it("keeps the cached document if the new one is invalid", async () => {
    const { provider, clock } = create();
    const known = await provider.readMetadata();
    provider.changeMetadata({ issuer: "https://evil.test/{tenantid}/v2.0" });

    clock.advance(day);

    await expect(provider.readMetadata()).resolves.toEqual(known);
  });

  it("throws identity_provider_unavailable without a cached document, and retries after five seconds", async () => {
    const { provider, clock } = create();
    provider.answerWith(
      "metadata",
      () => new Response("down", { status: 500 }),
    );
    const read = () => provider.readMetadata().catch((error: unknown) => error);
    const refused = [await read()];

    provider.answerWith("metadata", undefined);
    clock.advance(4.999);
    refused.push(await read());
    clock.advance(0.001);

    expect(refused).toEqual([
      expect.objectContaining({ code: "identity_provider_unavailable" }),
      refused[0],
    ]);
    await expect(provider.readMetadata()).resolves.toBeDefined();
  });

  it("throws tenant_not_found if there is no such tenant, and retries after five seconds", async () => {
    const { provider, clock } = create();
    provider.answerWith("metadata", () =>
      Response.json({ error: "invalid_tenant" }, { status: 400 }),
    );
    const refused = [
      await provider.readMetadata().catch((error: unknown) => error),
      await provider.readMetadata().catch((error: unknown) => error),
    ];
    const asked = provider.countRequests("metadata");

    provider.answerWith("metadata", undefined);
    clock.advance(5);

    expect(refused[0]).toMatchObject({ code: "tenant_not_found" });
    expect(refused[1]).toBe(refused[0]);
    expect(asked).toBe(1);
    await expect(provider.readMetadata()).resolves.toBeDefined();
  });

  it("requests an unreadable document once in five seconds, for any number of callers", async () => {
    const { provider, clock } = create();
    provider.answerWith(
      "metadata",
      () => new Response("down", { status: 500 }),
    );

    for (let second = 0; second < 20; second += 1) {
      for (let count = 0; count < 10; count += 1)
        await provider.readMetadata().catch(() => undefined);
      clock.advance(1);
    }

    expect(provider.countRequests("metadata")).toBe(4);
  });
});

describe("findSigningKey", () => {
  // jose's cool-down reads the system clock.
  afterEach(() => {
    vi.useRealTimers();
  });

  it("reads the keys once and caches them", async () => {
    const { provider } = create();

    await Promise.all(
      Array.from({ length: 100 }, () => provider.findSigningKey(header, token)),
    );

    expect(provider.countRequests("keys")).toBe(1);
  });

  it("refuses a key set of more than 1 MiB", async () => {
    const { provider } = create();
    provider.changeKeys((keys) => [
      ...keys,
      ...Array.from({ length: 1024 }, () => ({
        kty: "RSA",
        n: "n".repeat(1024),
      })),
    ]);

    await expect(provider.findSigningKey(header, token)).rejects.toMatchObject({
      code: "identity_provider_unavailable",
    });
  });

  it("reads the keys again for an unknown kid, at most once in 30 seconds (signing-key-rotation)", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { provider } = create();
    await provider.findSigningKey(header, token);
    provider.rotateKey();

    const early = await provider
      .findSigningKey({ ...header, kid: "key-2" }, token)
      .catch((error: unknown) => error);
    vi.setSystemTime(Date.now() + 30_000);
    const found = await provider.findSigningKey(
      { ...header, kid: "key-2" },
      token,
    );

    expect(early).toMatchObject({ code: "id_token_invalid" });
    expect(found.key).toBeDefined();
    expect(provider.countRequests("keys")).toBe(2);
  });

  it("reads the keys at most once in 30 seconds for many unknown kids", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { provider } = create();
    await provider.findSigningKey(header, token);

    for (let second = 0; second < 120; second += 1) {
      vi.setSystemTime(Date.now() + 1000);
      await Promise.allSettled(
        Array.from({ length: 10 }, (_, index) =>
          provider.findSigningKey(
            { ...header, kid: `${second}-${index}` },
            token,
          ),
        ),
      );
    }

    expect(provider.countRequests("keys")).toBeLessThanOrEqual(5);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ["500", () => new Response("down", { status: 500 })],
    ["a network error", () => Promise.reject(new TypeError("fetch failed"))],
    ["HTML", () => new Response("<html>")],
    ["no keys", () => Response.json({})],
  ])(
    "requests unreadable keys once in five seconds, for any number of tokens: %s",
    async (_, respond) => {
      const { provider, clock } = create();
      provider.answerWith("keys", respond);
      const codes = new Set<unknown>();

      for (let second = 0; second < 20; second += 1) {
        for (let count = 0; count < 10; count += 1) {
          const kid = `${second}-${count}`;
          await provider
            .findSigningKey({ ...header, kid }, token)
            .catch(({ code }: AuthError) => codes.add(code));
        }
        clock.advance(1);
      }

      expect(provider.countRequests("keys")).toBe(4);
      expect([...codes]).toEqual(["identity_provider_unavailable"]);
    },
  );

  it("requests unreadable keys again after five seconds", async () => {
    const { provider, clock } = create();
    provider.answerWith("keys", () => new Response("down", { status: 500 }));
    await provider.findSigningKey(header, token).catch(() => undefined);

    provider.answerWith("keys", undefined);
    clock.advance(5);

    await expect(provider.findSigningKey(header, token)).resolves.toBeDefined();
  });

  it("requests unreadable keys once in five seconds for many unknown kids, and keeps the cached keys", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { provider, clock } = create();
    await provider.findSigningKey(header, token);
    const before = provider.countRequests("keys");
    vi.setSystemTime(Date.now() + 30_000);
    provider.answerWith("keys", () => new Response("down", { status: 500 }));

    const found = [];
    for (let second = 0; second < 20; second += 1) {
      const kid = `${second}`;
      for (let count = 0; count < 10; count += 1)
        await provider
          .findSigningKey({ ...header, kid }, token)
          .catch(() => undefined);
      found.push(await provider.findSigningKey(header, token));
      clock.advance(1);
    }

    expect(provider.countRequests("keys") - before).toBe(4);
    expect(found).toHaveLength(20);
  });

  it("refuses a withdrawn key after an hour", async () => {
    const { provider, clock } = create();
    await provider.findSigningKey(header, token);
    provider.rotateKey();

    clock.advance(3600);
    await provider.findSigningKey(header, token);
    await settle();
    const late = await provider
      .findSigningKey(header, token)
      .catch((error: unknown) => error);

    expect(late).toMatchObject({ code: "id_token_invalid" });
  });

  it("reads the keys again once an hour, for any number of callers", async () => {
    const { provider, clock } = create();
    const read = async (): Promise<number> => {
      await provider.findSigningKey(header, token);
      await settle();
      return provider.countRequests("keys");
    };

    const counts = [await read()];
    for (const seconds of [3599, 1, 0, 3599, 1]) {
      clock.advance(seconds);
      counts.push(await read());
    }

    expect(counts).toEqual([1, 1, 2, 2, 2, 3]);
  });

  it("keeps the cached keys while new ones cannot be read", async () => {
    const { provider, clock } = create();
    await provider.findSigningKey(header, token);
    provider.answerWith("keys", () =>
      Promise.reject(new TypeError("fetch failed")),
    );

    clock.advance(3600);
    await provider.findSigningKey(header, token);
    await settle();

    await expect(provider.findSigningKey(header, token)).resolves.toBeDefined();
  });

  it.each<[string, () => Response]>([
    ["500", () => new Response("down", { status: 500 })],
    ["HTML", () => new Response("<html>")],
    ["no keys", () => Response.json({})],
    ["keys that are not a list", () => Response.json({ keys: "none" })],
  ])(
    "throws identity_provider_unavailable if the response for the keys is %s",
    async (_, respond) => {
      const { provider } = create();
      provider.answerWith("keys", respond);

      await expect(
        provider.findSigningKey(header, token),
      ).rejects.toMatchObject({
        code: "identity_provider_unavailable",
        cause: expect.any(Error),
      });
    },
  );

  it("reads keys only from a response with status 200, and names another status in the cause", async () => {
    const { provider } = create();
    const keys = [createFakeSigningKey(0).jwk];
    provider.answerWith("keys", () => Response.json({ keys }, { status: 201 }));

    const finding = provider.findSigningKey(header, token);

    await expect(finding).rejects.toMatchObject({
      code: "identity_provider_unavailable",
      cause: { message: expect.stringContaining("status 201") },
    });
  });

  it("throws id_token_invalid with the reason as the cause for an unknown key", async () => {
    const { provider } = create();

    const finding = provider.findSigningKey({ ...header, kid: "x" }, token);

    await expect(finding).rejects.toMatchObject({
      code: "id_token_invalid",
      cause: { code: "ERR_JWKS_NO_MATCHING_KEY" },
    });
  });

  it("returns the issuer of the key", async () => {
    const { provider } = create();
    provider.changeKeys((keys) =>
      keys.map((key) => ({
        ...key,
        issuer: "https://login.test/{tenantid}/v2.0",
      })),
    );

    await expect(provider.findSigningKey(header, token)).resolves.toMatchObject(
      {
        issuer: "https://login.test/{tenantid}/v2.0",
      },
    );
  });

  it.each([
    ["key-1", "https://login.test/one"],
    ["another", "https://login.test/another"],
  ])("returns for the key %s its issuer %s", async (kid, issuer) => {
    const { provider } = create();
    provider.changeKeys((keys) => [
      ...keys.map((key) => ({ ...key, issuer: "https://login.test/one" })),
      ...keys.map((key) => ({
        ...key,
        kid: "another",
        issuer: "https://login.test/another",
      })),
    ]);

    const found = await provider.findSigningKey({ ...header, kid }, token);

    expect(found.issuer).toBe(issuer);
  });

  it("returns the issuer of the only RSA key for a token without a kid", async () => {
    const { provider } = create();
    const elliptic = createPublicKey(createForeignSigningKey());
    provider.changeKeys((keys) => [
      { ...elliptic.export({ format: "jwk" }), issuer: "https://evil.test" },
      ...keys.map((key) => ({ ...key, issuer: "https://login.test/one" })),
    ]);

    const found = await provider.findSigningKey({ alg: "RS256" }, token);

    expect(found.issuer).toBe("https://login.test/one");
  });

  it.each([undefined, null, 5, ["https://login.test/one"]])(
    "returns no issuer for a key with the issuer %j",
    async (issuer) => {
      const { provider } = create();
      provider.changeKeys((keys) => keys.map((key) => ({ ...key, issuer })));

      const found = await provider.findSigningKey(header, token);

      expect(found.issuer).toBeUndefined();
    },
  );
});
