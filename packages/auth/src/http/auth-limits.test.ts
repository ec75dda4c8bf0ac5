import { describe, expect, it } from "vitest";
import { createMemoryStores } from "../testing/memory/stores.js";
import { createTestAuth } from "../testing/test-auth.js";
import { clientAddressReaderOf, rateLimiterOf } from "./auth-limits.js";
import { createRequestAuthFactory } from "./request-auth.js";

function start(auth: Parameters<typeof createRequestAuthFactory>[0]["auth"]) {
  const request = createRequestAuthFactory({ auth })({
    readHeader: () => null,
    responseHeaders: new Headers(),
    clientAddress: "203.0.113.7",
  });
  return request.login({});
}

describe("the option rateLimit of createAuth", () => {
  it("limits sign-ins without a limiter of the adapter's", async () => {
    const { auth } = createTestAuth({ rateLimit: { perMinute: 1 } });
    await start(auth);

    await expect(start(auth)).rejects.toMatchObject({ code: "rate_limited" });
  });

  it("counts in the stores, with every other auth on them", async () => {
    const options = {
      stores: createMemoryStores(),
      rateLimit: { perMinute: 1 },
    };
    await start(createTestAuth(options).auth);

    await expect(start(createTestAuth(options).auth)).rejects.toMatchObject({
      code: "rate_limited",
    });
  });

  it("limits nothing where it is absent", async () => {
    const { auth } = createTestAuth();

    expect(rateLimiterOf(auth)).toBeUndefined();
    await expect(start(auth)).resolves.toBeDefined();
  });

  it("survives spreading the auth", () => {
    const { auth } = createTestAuth({ rateLimit: { perMinute: 1 } });

    expect(rateLimiterOf({ ...auth })).toBeDefined();
  });
});

describe("the option trustedProxies of createAuth", () => {
  it("decides whose X-Forwarded-For is believed", () => {
    const { auth } = createTestAuth({ trustedProxies: ["10.0.0.0/8"] });

    const read = clientAddressReaderOf(auth);

    expect(read("10.0.0.1", "198.51.100.7")).toBe("198.51.100.7");
    expect(read("192.0.2.1", "198.51.100.7")).toBe("192.0.2.1");
  });

  it("believes no proxy where it is absent", () => {
    const read = clientAddressReaderOf(createTestAuth().auth);

    expect(read("127.0.0.1", "198.51.100.7")).toBe("127.0.0.1");
  });
});
