import { describe, expect, it } from "vitest";
import { withListeners } from "../core/auth-parts.js";
import { createMemoryStores } from "../testing/memory/stores.js";
import { createTestAuth } from "../testing/test-auth.js";
import { clientAddressReaderOf, rateLimiterOf } from "./auth-limits.js";
import { createAuthHandler } from "./handler/auth-handler.js";
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
  it("limits sign-ins if the adapter has no limiter of its own", async () => {
    const { auth } = createTestAuth({ rateLimit: { perMinute: 1 } });
    await start(auth);

    await expect(start(auth)).rejects.toMatchObject({ code: "rate_limited" });
  });

  it("shares its counts with every other auth on the same stores", async () => {
    const options = {
      stores: createMemoryStores(),
      rateLimit: { perMinute: 1 },
    };
    await start(createTestAuth(options).auth);

    await expect(start(createTestAuth(options).auth)).rejects.toMatchObject({
      code: "rate_limited",
    });
  });

  it("sets no limit if it is absent", async () => {
    const { auth } = createTestAuth();

    expect(rateLimiterOf(auth)).toBeUndefined();
    await expect(start(auth)).resolves.toBeDefined();
  });

  it("applies to a copy of the auth made by spreading", () => {
    const { auth } = createTestAuth({ rateLimit: { perMinute: 1 } });

    expect(rateLimiterOf({ ...auth })).toBeDefined();
  });
});

describe("a host that does not know the client's address", () => {
  it("does not limit sign-ins, so that one visitor cannot use up the limit of all, and reports that once", async () => {
    let reports = 0;
    const test = createTestAuth({
      sameSite: "lax",
      rateLimit: { perMinute: 1 },
    });
    const auth = withListeners(test.auth, {
      onUnknownAddress: () => {
        reports += 1;
      },
    });
    const handle = createAuthHandler({ auth });
    const request = new Request(`${auth.origin}/auth/login`);

    const responses = [
      await handle(request),
      await handle(request),
      await handle(request, { clientAddress: undefined }),
    ];

    expect(responses.map((response) => response?.status)).toEqual([
      303, 303, 303,
    ]);
    expect(reports).toBe(1);
  });
});

describe("the option trustedProxies of createAuth", () => {
  it("decides which peers' X-Forwarded-For is used", () => {
    const { auth } = createTestAuth({ trustedProxies: ["10.0.0.0/8"] });

    const read = clientAddressReaderOf(auth);

    expect(read("10.0.0.1", "198.51.100.7")).toBe("198.51.100.7");
    expect(read("192.0.2.1", "198.51.100.7")).toBe("192.0.2.1");
  });

  it("trusts no proxy if it is absent", () => {
    const read = clientAddressReaderOf(createTestAuth().auth);

    expect(read("127.0.0.1", "198.51.100.7")).toBe("127.0.0.1");
  });
});
