import { describe, expect, it } from "vitest";
import { openCookieJar } from "../../test/support/cookie-jar.js";
import { AuthError } from "../core/error.js";
import type { FlowRequest } from "../core/sign-in/flow.js";
import { createTestAuth, findStored } from "../testing/test-auth.js";
import type { TestAuth } from "../testing/test-auth.js";
import { testPeople } from "../testing/provider/test-people.js";
import type { TestPerson } from "../testing/provider/test-people.js";
import { createRequestAuthFactory } from "./request-auth.js";
import type { RequestAuth } from "./request-auth.js";
import { createRateLimiter } from "./rate-limiter.js";
import type { RateLimiter } from "./rate-limiter.js";

const { ada, ben } = testPeople;

/** A browser that creates a `RequestAuth` for every request. */
function openBrowser(test: TestAuth, rateLimiter?: RateLimiter) {
  const jar = openCookieJar();
  const createRequestAuth = createRequestAuthFactory({
    auth: test.auth,
    rateLimiter,
    now: test.clock.now,
  });
  return {
    jar,
    /** Sends one request and stores the cookies of its response, even if it fails. */
    send: async <Answer>(
      act: (request: RequestAuth) => Promise<Answer>,
      headers: Readonly<Record<string, string>> = {},
    ): Promise<{ readonly answer: Answer; readonly headers: Headers }> => {
      const responseHeaders = new Headers();
      const sent = new Headers({ cookie: jar.header(), ...headers });
      const request = createRequestAuth({
        readHeader: (name) => sent.get(name),
        responseHeaders,
        clientAddress: "203.0.113.7",
      });
      try {
        return { answer: await act(request), headers: responseHeaders };
      } finally {
        jar.keep(responseHeaders);
      }
    },
  };
}

type Browser = ReturnType<typeof openBrowser>;

async function signIn(
  test: TestAuth,
  browser: Browser,
  person: TestPerson = ada,
  flowRequest: FlowRequest = {},
) {
  const { answer } = await browser.send((request) =>
    request.login(flowRequest),
  );
  const parameters = test.identityClient.answerAuthorization(
    answer.authorizationUrl,
    person,
  );
  return browser.send((request) => request.callback(parameters), {
    "user-agent": "Firefox",
  });
}

describe("login", () => {
  it("sets one flow cookie for the flow, which lives as long as the flow", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);

    const { headers } = await browser.send((request) => request.login({}));

    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-Http-flow\.[A-Za-z0-9_-]{22}=[A-Za-z0-9_-]{43}\.1772355600; Max-Age=600; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
      ),
    ]);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it("[F9] keeps 30 flow cookies of fifty abandoned sign-ins and removes the oldest", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    const names: string[] = [];

    for (let count = 0; count < 50; count += 1) {
      test.clock.advance(1);
      const { headers } = await browser.send((request) => request.login({}));
      names.push(headers.getSetCookie().at(-1)?.split("=")[0] ?? "");
    }

    expect(browser.jar.names().toSorted()).toEqual(names.slice(-30).toSorted());
  });

  it("starts at most 30 sign-ins in one request, and leaves 30 flow cookies", async () => {
    const browser = openBrowser(createTestAuth());
    for (let start = 0; start < 5; start++)
      await browser.send((request) => request.login({}));

    const { answer } = await browser.send((request) =>
      Promise.allSettled(Array.from({ length: 32 }, () => request.login({}))),
    );

    expect(
      answer.flatMap((start) =>
        start.status === "rejected" ? [start.reason.code] : [],
      ),
    ).toEqual(["invalid_request", "invalid_request"]);
    expect(browser.jar.names()).toHaveLength(30);
  });

  it("is rate-limited by address", async () => {
    const test = createTestAuth();
    const browser = openBrowser(
      test,
      createRateLimiter(test.stores, { perMinute: 1 }),
    );
    await browser.send((request) => request.login({}));

    const second = browser.send((request) => request.login({}));

    await expect(second).rejects.toMatchObject({ code: "rate_limited" });
  });
});

async function readHint(
  person: TestPerson,
  loginHint: string | undefined,
): Promise<string | null> {
  const test = createTestAuth();
  const browser = openBrowser(test);
  await signIn(test, browser, person);
  const { answer } = await browser.send((request) =>
    request.login({ loginHint }),
  );
  return new URL(answer.authorizationUrl).searchParams.get("login_hint");
}

describe("login: the login hint", () => {
  const guestName = "ada_contoso.com#EXT#@fabrikam.onmicrosoft.com";
  const guest: TestPerson = { ...ada, preferredUsername: guestName };
  const claim = `login-hint-of-${ada.objectId}`;

  it("sends the login_hint claim if the hint is the user name of the signed-in user, also for a guest", async () => {
    await expect(readHint(guest, guestName)).resolves.toBe(claim);
    await expect(
      readHint(ada, ada.preferredUsername.toUpperCase()),
    ).resolves.toBe(claim);
  });

  it("sends no hint for a guest without the claim", async () => {
    const unhinted = { ...guest, claims: { login_hint: undefined } };

    await expect(readHint(unhinted, guestName)).resolves.toBeNull();
  });

  it("sends the name of another account unchanged, and adds no hint", async () => {
    await expect(readHint(ada, "ben@contoso.test")).resolves.toBe(
      "ben@contoso.test",
    );
    await expect(readHint(ada, undefined)).resolves.toBeNull();
  });
});

describe("callback", () => {
  it("sets the session cookie with the absolute timeout, and removes the flow's cookie", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);

    const { answer, headers } = await signIn(test, browser);

    expect(browser.jar.names()).toEqual(["__Host-Http-session"]);
    expect(headers.getSetCookie().at(-1)).toBe(
      `__Host-Http-session=${answer.sessionToken}; Max-Age=86400; Path=/; Secure; HttpOnly; SameSite=Strict`,
    );
    const { session } = await findStored(test, answer);
    expect(session.userAgent).toBe("Firefox");
  });

  it("returns the session whose ID is the first half of the cookie", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);

    const { answer } = await signIn(test, browser);

    expect(browser.jar.get("__Host-Http-session")?.split(".")[0]).toBe(
      answer.session.id,
    );
  });

  it("keeps the cookies of other pending flows", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    const { answer: other } = await browser.send((request) =>
      request.login({}),
    );

    await signIn(test, browser);
    const parameters = test.identityClient.answerAuthorization(
      other.authorizationUrl,
      ben,
    );
    const { answer } = await browser.send((request) =>
      request.callback(parameters),
    );

    expect(answer.user.name).toBe("Ben Okafor");
  });

  it("refuses the callback of another browser's flow", async () => {
    const test = createTestAuth();
    const [ours, theirs] = [openBrowser(test), openBrowser(test)];
    const { answer } = await theirs.send((request) => request.login({}));
    await ours.send((request) => request.login({}));
    const parameters = test.identityClient.answerAuthorization(
      answer.authorizationUrl,
      ben,
    );

    const delivered = ours.send((request) => request.callback(parameters));

    await expect(delivered).rejects.toMatchObject({ code: "browser_mismatch" });
    expect(test.identityClient.countRequests("exchangeCode")).toBe(0);
  });

  it("removes the flow's cookie and keeps the session's if the sign-in fails", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    await signIn(test, browser);
    const session = browser.jar.get("__Host-Http-session");
    const { answer } = await browser.send((request) => request.login({}));
    const { state } = test.identityClient.answerAuthorization(
      answer.authorizationUrl,
      ben,
    );

    const refused = browser.send((request) =>
      request.callback({ state, error: "access_denied" }),
    );

    await expect(refused).rejects.toMatchObject({
      code: "authorization_denied",
    });
    expect(browser.jar.names()).toEqual(["__Host-Http-session"]);
    expect(browser.jar.get("__Host-Http-session")).toBe(session);
  });

  it("keeps the flow's cookie for another attempt if the store was unavailable", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    const { answer } = await browser.send((request) => request.login({}));
    const parameters = test.identityClient.answerAuthorization(
      answer.authorizationUrl,
      ada,
    );
    const { take } = test.stores.flowStore;
    Object.assign(test.stores.flowStore, {
      take: async () => {
        throw new AuthError("store_unavailable", "The database is down.");
      },
    });

    const failed = await browser
      .send((request) => request.callback(parameters))
      .catch((error: unknown) => error);
    Object.assign(test.stores.flowStore, { take });
    const retried = await browser.send((request) =>
      request.callback(parameters),
    );

    expect(failed).toMatchObject({ code: "store_unavailable" });
    expect(retried.answer.user.name).toBe(ada.name);
  });

  const cookieSetters: readonly (readonly [
    string,
    (request: RequestAuth) => Promise<unknown>,
  ])[] = [
    ["login", (request) => request.login({})],
    ["callback", (request) => request.callback({})],
    ["logout", (request) => request.logout()],
    ["logoutEverywhere", (request) => request.logoutEverywhere()],
    [
      "revokeSession of its own session",
      async (request) => {
        const { session } = await request.requireSession();
        return request.revokeSession(session.id, 600);
      },
    ],
  ];
  // tRPC reads the second one only if the first one is absent.
  const streamed: readonly Readonly<Record<string, string>>[] = [
    { "trpc-accept": "application/jsonl" },
    { "trpc-accept": "application/jsonl", accept: "application/json" },
    { accept: "application/jsonl" },
    { accept: "application/json, application/jsonl" },
  ];

  it.each(
    cookieSetters.flatMap(([name, act]) =>
      streamed.map((headers) => [name, headers, act] as const),
    ),
  )(
    "refuses %s in a streamed batch, whose cookies would be lost: %j",
    async (_, headers, act) => {
      const test = createTestAuth();
      const browser = openBrowser(test);
      const { answer } = await signIn(test, browser);

      const refused = browser.send(act, headers);

      await expect(refused).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("streamed"),
      });
      await expect(
        test.auth.readSession(answer.sessionToken),
      ).resolves.toBeDefined();
    },
  );

  it.each<Readonly<Record<string, string>>>([
    { accept: "*/*" },
    { accept: "application/jsonlines" },
    { "trpc-accept": "application/json", accept: "application/jsonl" },
  ])(
    "signs in and out if the response is not streamed: %j",
    async (headers) => {
      const test = createTestAuth();
      const browser = openBrowser(test);
      await signIn(test, browser);

      await browser.send((request) => request.logout(), headers);

      expect(browser.jar.names()).toEqual([]);
    },
  );

  it("ends another browser's session in a streamed batch, which needs no cookie", async () => {
    const test = createTestAuth();
    const [one, other] = [openBrowser(test), openBrowser(test)];
    await signIn(test, one);
    const { answer } = await signIn(test, other);

    await one.send((request) => request.revokeSession(answer.session.id, 600), {
      "trpc-accept": "application/jsonl",
    });

    await expect(
      test.auth.readSession(answer.sessionToken),
    ).resolves.toBeUndefined();
  });

  it("is rate-limited by address only if it finds no flow", async () => {
    const test = createTestAuth();
    const browser = openBrowser(
      test,
      createRateLimiter(test.stores, { perMinute: 1 }),
    );
    const deliver = () =>
      browser.send((request) =>
        request.callback({ state: "s".repeat(43), code: "c" }),
      );

    const results = await Promise.allSettled([deliver(), deliver()]);
    const { answer } = await signIn(test, browser);

    expect(results).toMatchObject([
      { reason: { code: "flow_not_found" } },
      { reason: { code: "rate_limited" } },
    ]);
    expect(answer.user.name).toBe(ada.name);
  });

  it("counts a callback without a state as one without a flow", async () => {
    const test = createTestAuth();
    const browser = openBrowser(
      test,
      createRateLimiter(test.stores, { perMinute: 1 }),
    );
    const deliver = () => browser.send((request) => request.callback({}));

    const results = await Promise.allSettled([deliver(), deliver()]);

    expect(results).toMatchObject([
      { reason: { code: "invalid_request" } },
      { reason: { code: "rate_limited" } },
    ]);
  });

  it("counts a callback of another browser's flow as one without a flow", async () => {
    const test = createTestAuth();
    const limiter = createRateLimiter(test.stores, { perMinute: 1 });
    const [ours, theirs] = [openBrowser(test, limiter), openBrowser(test)];
    const deliver = async () => {
      const { answer } = await theirs.send((request) => request.login({}));
      return ours.send((request) =>
        request.callback(
          test.identityClient.answerAuthorization(answer.authorizationUrl, ben),
        ),
      );
    };

    const results = [
      await deliver().catch((error: unknown) => error),
      await deliver().catch((error: unknown) => error),
    ];

    expect(results).toMatchObject([
      { code: "browser_mismatch" },
      { code: "rate_limited" },
    ]);
  });

  it("does not count a callback that found its flow and failed afterwards", async () => {
    const test = createTestAuth();
    const counted: string[] = [];
    const browser = openBrowser(test, {
      consume: async (action) => {
        counted.push(action);
      },
    });
    const { answer } = await browser.send((request) => request.login({}));
    const { state } = test.identityClient.answerAuthorization(
      answer.authorizationUrl,
      ben,
    );

    const refused = browser.send((request) =>
      request.callback({ state, error: "access_denied" }),
    );

    await expect(refused).rejects.toMatchObject({
      code: "authorization_denied",
    });
    expect(counted).toEqual(["login"]);
  });

  it("returns the return URL and removes the cookie if the store fails after the flow was taken", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    const { answer } = await browser.send((request) =>
      request.login({ returnUrl: "/orders" }),
    );
    const parameters = test.identityClient.answerAuthorization(
      answer.authorizationUrl,
      ada,
    );
    Object.assign(test.stores.sessionStore, {
      admit: async () => {
        throw new AuthError("store_unavailable", "The database is down.");
      },
    });

    const failed = browser.send((request) => request.callback(parameters));

    await expect(failed).rejects.toMatchObject({
      code: "store_unavailable",
      returnUrl: "https://app.test/orders",
    });
    expect(browser.jar.names()).toEqual([]);
  });
});

describe("readSession", () => {
  it("reads the store once for many calls in one request", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    await signIn(test, browser);
    let reads = 0;
    const auth = {
      ...test.auth,
      readSession: (cookie: string | undefined) => {
        reads += 1;
        return test.auth.readSession(cookie);
      },
    };
    const request = createRequestAuthFactory({ auth })({
      readHeader: (name) => (name === "cookie" ? browser.jar.header() : null),
      responseHeaders: new Headers(),
      clientAddress: "203.0.113.7",
    });

    await Promise.all([
      request.readSession(),
      request.requireSession(),
      request.readSession(),
    ]);

    expect(reads).toBe(1);
  });

  it("returns the session that the same request started, without its token, and undefined after it ended", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    const { answer } = await browser.send((request) => request.login({}));
    const parameters = test.identityClient.answerAuthorization(
      answer.authorizationUrl,
      ada,
    );

    const { answer: seen } = await browser.send(async (request) => {
      await request.callback(parameters);
      return request.readSession();
    });
    const { answer: ended } = await browser.send(async (request) => {
      await request.logout();
      return request.readSession();
    });

    expect(seen?.user.name).toBe("Ada Lovelace");
    expect(Object.keys(seen ?? {})).toEqual(["user", "session"]);
    expect(ended).toBeUndefined();
  });

  it("ignores a session cookie without the prefix", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    const { answer } = await signIn(test, browser);

    const { answer: seen } = await openBrowser(test).send(
      (request) => request.readSession(),
      {
        cookie: `session=${answer.sessionToken}`,
      },
    );

    expect(seen).toBeUndefined();
  });
});

describe("requireSession", () => {
  it("throws not_signed_in if the visitor is not signed in", async () => {
    const requiring = openBrowser(createTestAuth()).send((request) =>
      request.requireSession(),
    );

    await expect(requiring).rejects.toMatchObject({ code: "not_signed_in" });
  });

  it("throws store_unavailable, not not_signed_in, if the store fails", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    await signIn(test, browser);
    const failing = openBrowser({
      ...test,
      auth: {
        ...test.auth,
        readSession: async () => {
          throw new AuthError(
            "store_unavailable",
            "The database does not respond.",
          );
        },
      },
    });

    const requiring = failing.send((request) => request.requireSession(), {
      cookie: browser.jar.header(),
    });

    await expect(requiring).rejects.toMatchObject({
      code: "store_unavailable",
    });
  });
});

describe("logout", () => {
  it("[O3] ends the session and removes all cookies of the sign-in layer", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    const { answer } = await signIn(test, browser);
    await browser.send((request) => request.login({}));

    const { headers } = await browser.send((request) => request.logout());

    expect(browser.jar.names()).toEqual([]);
    expect(headers.has("clear-site-data")).toBe(false);
    await expect(
      test.auth.readSession(answer.sessionToken),
    ).resolves.toBeUndefined();
  });

  it("succeeds for a visitor who is not signed in", async () => {
    const { answer } = await openBrowser(createTestAuth()).send((request) =>
      request.logout(),
    );

    expect(answer.logoutUrl).toBe("https://app.test/");
  });
});

describe("acquireAccessToken", () => {
  it("acquires a token for the signed-in user, and throws not_signed_in for a visitor who is not signed in", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    await signIn(test, browser, ada, { scopes: ["User.Read"] });

    const { answer } = await browser.send((request) =>
      request.acquireAccessToken(["User.Read"]),
    );
    const foreign = openBrowser(test).send((request) =>
      request.acquireAccessToken(["User.Read"]),
    );

    expect(answer).toContain(ada.objectId);
    await expect(foreign).rejects.toMatchObject({ code: "not_signed_in" });
  });
});

describe("createRequestAuthFactory", () => {
  it("[K3] throws at start if the application's cookies cannot be safe", () => {
    expect(() =>
      createRequestAuthFactory({
        auth: createTestAuth({ appUrl: "http://app.test" }).auth,
      }),
    ).toThrow(TypeError);
  });

  it.each([
    [true, '"storage"'],
    [false, null],
  ])(
    "clears storage at sign-out only if the app enables it (%s), and never cache or cookies",
    async (clearsStorage, expected) => {
      const test = createTestAuth({ signOut: { clearsStorage } });
      const browser = openBrowser(test);
      await signIn(test, browser);

      const { headers } = await browser.send((request) => request.logout());

      expect(headers.get("clear-site-data")).toBe(expected);
    },
  );

  it("uses cookie names without the prefix for a loopback application", async () => {
    const test = createTestAuth({ appUrl: "http://localhost:5173" });
    const browser = openBrowser(test);

    await signIn(test, browser);

    expect(browser.jar.names()).toEqual(["session-5173"]);
  });
});

describe("a request with a bearer token", () => {
  const headers = { authorization: "Bearer token" };

  it("has no session, whatever its cookies are", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    await signIn(test, browser);

    const { answer } = await browser.send(
      (request) => request.readSession(),
      headers,
    );

    expect(answer).toBeUndefined();
  });

  it.each<[string, (request: RequestAuth) => Promise<unknown>]>([
    ["login", (request) => request.login({})],
    ["callback", (request) => request.callback({ state: "s", code: "c" })],
    ["logout", (request) => request.logout()],
    [
      "refuseBearerToken",
      async (request) => {
        request.refuseBearerToken();
      },
    ],
  ])("is refused by %s, and sets no cookie", async (_, act) => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    await signIn(test, browser);
    const before = browser.jar.header();

    await expect(browser.send(act, headers)).rejects.toMatchObject({
      code: "invalid_request",
    });

    expect(browser.jar.header()).toBe(before);
  });
});

describe("recheckSession", () => {
  it("reads the session from the store again, without renewing it", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    const { answer } = await signIn(test, browser);
    const before = await findStored(test, answer);

    await browser.send(async (request) => {
      await request.readSession();
      test.clock.advance(120);
      await request.recheckSession();
    });

    expect(await findStored(test, answer)).toEqual(before);
  });

  it("throws not_signed_in if the session has ended since", async () => {
    const test = createTestAuth();
    const browser = openBrowser(test);
    const { answer } = await signIn(test, browser);

    await expect(
      browser.send(async (request) => {
        await request.readSession();
        await test.stores.sessionStore.endAllOfUser(
          (await findStored(test, answer)).user.id,
        );
        await request.recheckSession();
      }),
    ).rejects.toMatchObject({ code: "not_signed_in" });
  });

  it.each([
    ["expired", 3601],
    ["not expired", 3599],
  ])(
    "throws not_signed_in only if the session has expired: %s",
    async (name, seconds) => {
      const test = createTestAuth();
      const browser = openBrowser(test);
      await signIn(test, browser);

      const outcome = browser.send(async (request) => {
        await request.readSession();
        test.clock.advance(seconds);
        await request.recheckSession();
      });

      await (name === "expired"
        ? expect(outcome).rejects.toMatchObject({ code: "not_signed_in" })
        : expect(outcome).resolves.toBeDefined());
    },
  );
});

it("does not limit sign-ins of an unknown address", async () => {
  const test = createTestAuth({ rateLimit: { perMinute: 1 } });
  const createRequestAuth = createRequestAuthFactory({ auth: test.auth });
  const login = () =>
    createRequestAuth({
      readHeader: () => null,
      responseHeaders: new Headers(),
    }).login({});

  await login();
  expect((await login()).authorizationUrl).toContain("https://");
});
