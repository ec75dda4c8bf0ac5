import { describe, expect, it } from "vitest";
import { createAuthController } from "./auth-controller.js";
import type { AuthController } from "./auth-controller.js";
import { parseAuthFailure } from "./auth-failure.js";
import {
  ada,
  bob,
  createFakeAuthClient,
  createTrpcError,
  session,
} from "./testing/fake-auth-client.js";
import type { FakeAuthClient } from "./testing/fake-auth-client.js";
import { createFakeBrowserPage } from "./testing/fake-browser-page.js";
import type { FakeBrowserPage } from "./testing/fake-browser-page.js";

const minute = 60_000;
const parameters = { code: "c-1", state: "s-1" };

describe("AuthController", () => {
  it("is loading before the server has responded", () => {
    const { controller } = start({ user: ada, session });

    expect(controller.getState()).toMatchObject({
      status: "loading",
      user: undefined,
    });
  });

  it("holds the active session", async () => {
    const { controller } = await startSettled({ user: ada, session });

    expect(controller.getState()).toMatchObject({
      status: "signed_in",
      user: ada,
      session,
    });
  });

  it("is signed out if there is no session", async () => {
    const { controller } = await startSettled();

    expect(controller.getState().status).toBe("signed_out");
  });

  it("reads the session once if it is started twice", async () => {
    const client = createFakeAuthClient();
    const controller = createAuthController({
      client,
      page: createFakeBrowserPage(),
    });

    controller.start(() => undefined)();
    controller.start(() => undefined);
    await settle();

    expect(client.calls).toEqual(["me"]);
  });

  it("removes listeners and timers when it is stopped", async () => {
    const { client, page, stop } = await startSettled({ user: ada, session });

    stop();
    page.advance(61 * minute);
    await settle();

    expect(page.listenerCount).toBe(0);
    expect(client.calls).toEqual(["me"]);
  });

  it("runs the sign-out listeners when another tab signs out", async () => {
    const { controller, page, forgotten } = await startSettled({
      user: ada,
      session,
    });

    page.emit("signed_out_elsewhere");

    expect(controller.getState().status).toBe("signed_out");
    expect(forgotten).toEqual(["forgotten"]);
  });

  it("reads the session again when another tab signs in", async () => {
    const { controller, client, page } = await startSettled();
    client.present = { user: ada, session };

    page.emit("signed_in_elsewhere");
    await settle();

    expect(controller.getState().user).toEqual(ada);
  });

  it("runs the sign-out listeners before it shows another user", async () => {
    const { controller, client, page, forgotten } = await startSettled({
      user: ada,
      session,
    });
    client.present = { user: bob, session };

    page.emit("signed_in_elsewhere");
    await settle();

    expect(forgotten).toEqual(["forgotten"]);
    expect(controller.getState().user).toEqual(bob);
  });

  it("ignores a response to a request from before a sign-out in another tab", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    const release = client.hold();
    void controller.getState().refresh();

    page.emit("signed_out_elsewhere");
    release();
    await settle();

    expect(controller.getState().status).toBe("signed_out");
  });
});

describe("the status unavailable", () => {
  it.each([
    ["store_unavailable", createTrpcError("store_unavailable")],
    ["unreachable", new TypeError("Failed to fetch")],
    ["rate_limited", createTrpcError("rate_limited")],
  ])("is set for %s, never signed_out", async (code, failure) => {
    const { controller } = await startSettled(undefined, failure);

    expect(controller.getState()).toMatchObject({
      status: "unavailable",
      user: undefined,
      error: { code },
    });
  });

  it("ends when the server responds again", async () => {
    const { controller, client, page } = await startSettled(
      { user: ada, session },
      createTrpcError("store_unavailable"),
    );
    client.failure = undefined;

    page.advance(2_000);
    await settle();

    expect(controller.getState()).toMatchObject({
      status: "signed_in",
      error: undefined,
    });
  });

  it("ends when the visitor returns to the page", async () => {
    const { controller, client, page } = await startSettled(
      { user: ada, session },
      createTrpcError("store_unavailable"),
    );
    client.failure = undefined;

    page.emit("returned");
    await settle();

    expect(controller.getState().status).toBe("signed_in");
  });

  it("is retried after the time that the server sends", async () => {
    const { client, page } = await startSettled(
      undefined,
      createTrpcError("rate_limited", { retryAfterSeconds: 40 }),
    );

    page.advance(39_000);
    const before = client.calls.length;
    page.advance(1_000);

    expect([before, client.calls.length]).toEqual([1, 2]);
  });

  it("is retried at increasing intervals", async () => {
    const { client, page } = await startSettled(
      undefined,
      new TypeError("Failed to fetch"),
    );

    for (const seconds of [2, 4, 8, 16, 32, 60, 60]) {
      page.advance(seconds * 1_000);
      await settle();
    }

    expect(client.calls).toHaveLength(8);
  });

  it("changes to loading when the visitor tries again", async () => {
    const { controller, client } = await startSettled(
      undefined,
      createTrpcError("store_unavailable"),
    );
    client.hold();

    void controller.getState().refresh();

    expect(controller.getState().status).toBe("loading");
  });
});

describe("reading the session again", () => {
  it("happens when the visitor returns, at most once in 30 seconds", async () => {
    const { client, page } = await startSettled({ user: ada, session });

    page.advance(29_000);
    page.emit("returned");
    const before = client.calls.length;
    page.advance(1_000);
    page.emit("returned");
    page.emit("returned");
    await settle();

    expect([before, client.calls.length]).toEqual([1, 2]);
  });

  it("happens when the idle timeout has passed", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    client.present = undefined;

    page.advance(60 * minute + 1_000);
    await settle();

    expect(controller.getState().status).toBe("signed_out");
  });

  it("sends one request for several callers", async () => {
    const { controller, client } = await startSettled();

    await Promise.all([
      controller.getState().refresh(),
      controller.getState().refresh(),
      controller.getState().refresh(),
    ]);

    expect(client.calls).toEqual(["me", "me"]);
  });

  it("waits at least 30 seconds if the browser's clock is far ahead", async () => {
    const early = { ...session, idleExpiresAt: "2025-12-31T00:00:00.000Z" };
    const { client, page } = await startSettled({ user: ada, session: early });

    page.advance(29_000);
    await settle();

    expect(client.calls).toEqual(["me"]);
  });

  it("keeps the user signed in while the server is down", async () => {
    const { controller, client } = await startSettled({ user: ada, session });
    client.failure = createTrpcError("store_unavailable");

    await controller.getState().refresh();

    expect(controller.getState()).toMatchObject({
      status: "signed_in",
      error: { code: "store_unavailable" },
    });
  });

  it("stops showing a user whose session has expired while the server is down", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    client.failure = createTrpcError("store_unavailable");

    page.advance(61 * minute);
    await settle();

    expect(controller.getState().status).toBe("unavailable");
  });

  it.each(["not_signed_in", "user_disabled"])(
    "changes to signed_out after %s",
    async (code) => {
      const { controller, client, forgotten } = await startSettled({
        user: ada,
        session,
      });
      client.failure = createTrpcError(code);

      await controller.getState().refresh();

      expect(controller.getState().status).toBe("signed_out");
      expect(forgotten).toEqual(["forgotten"]);
    },
  );
});

describe("a page in the back/forward cache", () => {
  it("contains no data of the user", async () => {
    const { controller, page } = await startSettled({ user: ada, session });

    page.emit("frozen");

    expect(controller.getState()).toMatchObject({
      status: "loading",
      user: undefined,
    });
  });

  it("hides the user at once when it is restored, then reads the session", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    client.present = undefined;

    page.emit("restored");
    const atOnce = controller.getState().status;
    await settle();

    expect(atOnce).toBe("loading");
    expect(controller.getState().status).toBe("signed_out");
  });

  it("allows another sign-in after it is restored", async () => {
    const { controller, client, page } = await startSettled();
    await controller.getState().signIn();

    page.emit("restored");
    await settle();
    await controller.getState().signIn();

    expect(client.calls.filter((call) => call === "login")).toHaveLength(2);
  });
});

describe("signIn", () => {
  it("returns to the current address by default", async () => {
    const { controller, client, page } = await startSettled();

    await controller.getState().signIn({ prompt: "select_account" });

    expect(client.inputs.at(-1)).toEqual({
      prompt: "select_account",
      returnUrl: "https://app.test/workspace?tab=notice#top",
    });
    expect(page.navigations).toEqual(["https://login.test/authorize"]);
  });

  it("returns to the requested page", async () => {
    const { controller, client } = await startSettled();

    await controller
      .getState()
      .signIn({ returnUrl: "https://app.test/account" });

    expect(client.inputs.at(-1)).toEqual({
      returnUrl: "https://app.test/account",
    });
  });

  it("sends a claims challenge to the identity provider", async () => {
    const { controller, client } = await startSettled();
    const claims = '{"access_token":{"acrs":{"value":"c1"}}}';
    client.failure = createTrpcError("interaction_required", { claims });
    const refused: unknown = await controller
      .getState()
      .completeSignIn(parameters)
      .catch((error: unknown) => error);
    client.failure = undefined;

    await controller
      .getState()
      .signIn({ claims: parseAuthFailure(refused).claims });

    expect(client.inputs.at(-1)).toMatchObject({ claims });
  });

  it.each(["rate_limited", "interaction_required", "consent_required"])(
    "is not called automatically after a callback that failed with %s",
    async (code) => {
      const { controller, client, page } = await startSettled();
      client.failure = createTrpcError(code, { retryAfterSeconds: 300 });

      await controller
        .getState()
        .completeSignIn(parameters)
        .catch(() => undefined);
      client.failure = undefined;
      page.advance(600_000);
      await controller.getState().refresh();

      expect(client.calls).not.toContain("login");
      expect(page.navigations).toEqual([]);
    },
  );

  it("ignores a second click while the first is in progress", async () => {
    const { controller, client } = await startSettled();

    await Promise.all([
      controller.getState().signIn(),
      controller.getState().signIn(),
    ]);
    await controller.getState().signIn();

    expect(client.calls).toEqual(["me", "login"]);
    expect(controller.getState().isSigningIn).toBe(true);
  });

  it("can be called again if the page is still open after ten seconds", async () => {
    const { controller, page } = await startSettled();
    await controller.getState().signIn();

    page.advance(10_000);

    expect(controller.getState().isSigningIn).toBe(false);
  });

  it("sets error after a failure, and changes nothing else", async () => {
    const { controller, client, page } = await startSettled();
    client.failure = createTrpcError("rate_limited", { retryAfterSeconds: 7 });

    await controller.getState().signIn();

    expect(controller.getState()).toMatchObject({
      status: "signed_out",
      isSigningIn: false,
      error: { code: "rate_limited", retryAfterSeconds: 7 },
    });
    expect(page.navigations).toEqual([]);
  });
});

describe("signOut", () => {
  it("clears the user before it calls the server", async () => {
    const { controller, client, forgotten } = await startSettled({
      user: ada,
      session,
    });
    client.hold();

    void controller.getState().signOut();

    expect(controller.getState().user).toBeUndefined();
    expect(forgotten).toEqual(["forgotten"]);
  });

  it("notifies the other tabs and navigates to the identity provider's sign-out", async () => {
    const { controller, page } = await startSettled({ user: ada, session });

    await controller.getState().signOut();

    expect(page.messages).toEqual(["signed_out"]);
    expect(page.navigations).toEqual(["https://login.test/logout"]);
    expect(controller.getState().status).toBe("loading");
  });

  it("sets signed_out if the page is still open after ten seconds", async () => {
    const { controller, page } = await startSettled({ user: ada, session });
    await controller.getState().signOut();

    page.advance(10_000);

    expect(controller.getState().status).toBe("signed_out");
  });

  it("does not set signed_out while the session may still be active", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    client.failure = new TypeError("Failed to fetch");

    await controller.getState().signOut();

    expect(controller.getState().status).toBe("unavailable");
    expect(page.messages).toEqual([]);
    expect(page.navigations).toEqual([]);
  });

  it("is retried as soon as the server responds again", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    client.failure = new TypeError("Failed to fetch");
    await controller.getState().signOut();
    client.failure = undefined;

    page.emit("returned");
    await settle();

    expect(client.present).toBeUndefined();
    expect(page.navigations).toEqual(["https://login.test/logout"]);
  });

  it("is not retried after a sign-in in another tab", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    client.failure = new TypeError("Failed to fetch");
    await controller.getState().signOut();
    client.failure = undefined;

    page.emit("signed_in_elsewhere");
    await settle();
    page.advance(minute);
    page.emit("returned");
    await settle();

    expect(controller.getState().status).toBe("signed_in");
    expect(client.calls.filter((call) => call === "logout")).toHaveLength(1);
  });

  it("ignores a second click", async () => {
    const { controller, client } = await startSettled({ user: ada, session });

    await Promise.all([
      controller.getState().signOut(),
      controller.getState().signOut(),
    ]);

    expect(client.calls).toEqual(["me", "logout"]);
  });
});

describe("signOutEverywhere", () => {
  it("clears the user, notifies the other tabs and navigates as signOut does", async () => {
    const { controller, client, page, forgotten } = await startSettled({
      user: ada,
      session,
    });

    await controller.getState().signOutEverywhere();

    expect(client.calls).toEqual(["me", "logoutEverywhere"]);
    expect(forgotten).toEqual(["forgotten"]);
    expect(page.messages).toEqual(["signed_out"]);
    expect(page.navigations).toEqual(["https://login.test/logout"]);
  });

  it("is retried for all sessions as soon as the server responds again", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    client.failure = new TypeError("Failed to fetch");
    await controller.getState().signOutEverywhere();
    client.failure = undefined;

    page.emit("returned");
    await settle();

    expect(client.calls).toEqual([
      "me",
      "logoutEverywhere",
      "logoutEverywhere",
    ]);
    expect(page.navigations).toEqual(["https://login.test/logout"]);
  });
});

describe("completeSignIn", () => {
  it("removes the query from the address bar before it sends a request", () => {
    const { controller, client, page } = start();
    page.currentAddress = "https://app.test/auth/callback?code=c-1&state=s-1";

    void controller.getState().completeSignIn(parameters);

    expect(page.currentAddress).toBe("https://app.test/auth/callback");
    expect(client.calls).not.toContain("callback");
  });

  it("sends the parameters once for repeated calls", async () => {
    const { controller, client } = start();

    const results = await Promise.all([
      controller.getState().completeSignIn(parameters),
      controller.getState().completeSignIn({ ...parameters }),
    ]);
    await controller.getState().completeSignIn(parameters);

    expect(client.calls.filter((call) => call === "callback")).toHaveLength(1);
    expect(results[0]).toBe(results[1]);
  });

  it("returns the return URL, notifies the other tabs, and updates the session", async () => {
    const { controller, page } = start();

    const { returnUrl } = await controller
      .getState()
      .completeSignIn(parameters);
    await settle();

    expect(returnUrl).toBe("https://app.test/workspace");
    expect(page.messages).toEqual(["signed_in"]);
    expect(controller.getState().user).toEqual(ada);
  });

  it("waits for an earlier request whose response could remove the new cookie", async () => {
    const { controller, client } = await startSettled();
    const release = client.hold();
    void controller.getState().refresh();

    const completed = controller.getState().completeSignIn(parameters);
    await settle();
    const before = [...client.calls];
    release();
    await completed;

    expect(before).toEqual(["me", "me"]);
    expect(client.calls.slice(0, 3)).toEqual(["me", "me", "callback"]);
  });

  it("sets loading while it is in progress", async () => {
    const { controller, client, page } = await startSettled();
    client.hold();

    void controller.getState().completeSignIn(parameters);
    page.advance(minute);
    page.emit("returned");
    await settle();

    expect(controller.getState().status).toBe("loading");
    expect(client.calls).toEqual(["me", "callback"]);
  });

  it("rejects with the client's error and keeps an earlier session", async () => {
    const { controller, client } = await startSettled({ user: ada, session });
    const failure = createTrpcError("authorization_denied");
    client.failure = failure;
    const completed = controller.getState().completeSignIn(parameters);

    await expect(completed).rejects.toBe(failure);
    client.failure = undefined;
    await settle();
    await controller.getState().refresh();

    expect(controller.getState().user).toEqual(ada);
  });

  it("sends the parameters again with isRetry after a failed attempt", async () => {
    const { controller, client } = await startSettled();
    client.failure = new TypeError("Failed to fetch");
    await expect(
      controller.getState().completeSignIn(parameters),
    ).rejects.toThrow();
    client.failure = undefined;

    const { returnUrl } = await controller
      .getState()
      .completeSignIn(parameters, {
        isRetry: true,
      });

    expect(returnUrl).toBe("https://app.test/workspace");
    expect(callbackInputs(client)).toEqual([parameters, parameters]);
  });

  it("[F40] does not send the parameters again after a failure without isRetry", async () => {
    const { controller, client } = await startSettled();
    client.failure = createTrpcError("store_unavailable");
    await expect(
      controller.getState().completeSignIn(parameters),
    ).rejects.toThrow();

    await expect(
      controller.getState().completeSignIn(parameters),
    ).rejects.toThrow();

    expect(callbackInputs(client)).toHaveLength(1);
  });

  it("does not send the parameters again during an attempt or after it succeeded", async () => {
    const { controller, client } = await startSettled();

    await Promise.all([
      controller.getState().completeSignIn(parameters),
      controller.getState().completeSignIn(parameters, { isRetry: true }),
    ]);
    await controller.getState().completeSignIn(parameters, { isRetry: true });

    expect(callbackInputs(client)).toHaveLength(1);
  });
});

function callbackInputs({ calls, inputs }: FakeAuthClient): unknown[] {
  return inputs.filter((_, index) => calls[index] === "callback");
}

interface Started {
  readonly controller: AuthController;
  readonly client: FakeAuthClient;
  readonly page: FakeBrowserPage;
  readonly forgotten: string[];
  readonly stop: () => void;
}

function start(
  present?: FakeAuthClient["present"],
  failure?: unknown,
): Started {
  const client = createFakeAuthClient(present);
  client.failure = failure;
  const page = createFakeBrowserPage();
  const forgotten: string[] = [];
  const controller = createAuthController({ client, page });
  controller.setOnSignedOut(() => void forgotten.push("forgotten"));
  const stop = controller.start(() => undefined);
  return { controller, client, page, forgotten, stop };
}

async function startSettled(
  present?: FakeAuthClient["present"],
  failure?: unknown,
): Promise<Started> {
  const started = start(present, failure);
  await settle();
  return started;
}

/** Runs all pending promise callbacks. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
