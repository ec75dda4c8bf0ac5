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
  it("does not know who is signed in before the server has answered", () => {
    const { controller } = start({ user: ada, session });

    expect(controller.getState()).toMatchObject({
      status: "loading",
      user: undefined,
    });
  });

  it("knows who is signed in", async () => {
    const { controller } = await startSettled({ user: ada, session });

    expect(controller.getState()).toMatchObject({
      status: "signed_in",
      user: ada,
      session,
    });
  });

  it("knows that nobody is signed in", async () => {
    const { controller } = await startSettled();

    expect(controller.getState().status).toBe("signed_out");
  });

  it("asks once although it is started twice", async () => {
    const client = createFakeAuthClient();
    const controller = createAuthController({
      client,
      page: createFakeBrowserPage(),
    });

    controller.start()();
    controller.start();
    await settle();

    expect(client.calls).toEqual(["me"]);
  });

  it("stops listening and waiting when it is stopped", async () => {
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

  it("asks again when another tab signs in", async () => {
    const { controller, client, page } = await startSettled();
    client.present = { user: ada, session };

    page.emit("signed_in_elsewhere");
    await settle();

    expect(controller.getState().user).toEqual(ada);
  });

  it("forgets one person before it shows another", async () => {
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

  it("ignores an answer that is older than a sign-out elsewhere", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    const release = client.hold();
    void controller.refresh();

    page.emit("signed_out_elsewhere");
    release();
    await settle();

    expect(controller.getState().status).toBe("signed_out");
  });
});

describe("unavailable", () => {
  it.each([
    ["store_unavailable", createTrpcError("store_unavailable")],
    ["unreachable", new TypeError("Failed to fetch")],
    ["rate_limited", createTrpcError("rate_limited")],
  ])("is what %s means, never signed out", async (code, failure) => {
    const { controller } = await startSettled(undefined, failure);

    expect(controller.getState()).toMatchObject({
      status: "unavailable",
      user: undefined,
      error: { code },
    });
  });

  it("ends by itself when the server is back", async () => {
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

  it("ends at once when the visitor returns to the page", async () => {
    const { controller, client, page } = await startSettled(
      { user: ada, session },
      createTrpcError("store_unavailable"),
    );
    client.failure = undefined;

    page.emit("returned");
    await settle();

    expect(controller.getState().status).toBe("signed_in");
  });

  it("lets the server decide when it is asked again", async () => {
    const { client, page } = await startSettled(
      undefined,
      createTrpcError("rate_limited", { retryAfterSeconds: 40 }),
    );

    page.advance(39_000);
    const before = client.calls.length;
    page.advance(1_000);

    expect([before, client.calls.length]).toEqual([1, 2]);
  });

  it("is asked about less and less often", async () => {
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

  it("gives way to loading when the visitor tries again", async () => {
    const { controller, client } = await startSettled(
      undefined,
      createTrpcError("store_unavailable"),
    );
    client.hold();

    void controller.refresh();

    expect(controller.getState().status).toBe("loading");
  });
});

describe("refresh", () => {
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

  it("asks the server once for several callers", async () => {
    const { controller, client } = await startSettled();

    await Promise.all([
      controller.refresh(),
      controller.refresh(),
      controller.refresh(),
    ]);

    expect(client.calls).toEqual(["me", "me"]);
  });

  it("does not hurry when this computer's clock is far ahead", async () => {
    const early = { ...session, idleExpiresAt: "2025-12-31T00:00:00.000Z" };
    const { client, page } = await startSettled({ user: ada, session: early });

    page.advance(29_000);
    await settle();

    expect(client.calls).toEqual(["me"]);
  });

  it("takes nothing away from somebody who is signed in while the server is away", async () => {
    const { controller, client } = await startSettled({ user: ada, session });
    client.failure = createTrpcError("store_unavailable");

    await controller.refresh();

    expect(controller.getState()).toMatchObject({
      status: "signed_in",
      error: { code: "store_unavailable" },
    });
  });

  it("stops showing a person whose session has ended while the server is away", async () => {
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
    "takes %s for being signed out",
    async (code) => {
      const { controller, client, forgotten } = await startSettled({
        user: ada,
        session,
      });
      client.failure = createTrpcError(code);

      await controller.refresh();

      expect(controller.getState().status).toBe("signed_out");
      expect(forgotten).toEqual(["forgotten"]);
    },
  );
});

describe("the back/forward cache", () => {
  it("holds nothing of the person", async () => {
    const { controller, page } = await startSettled({ user: ada, session });

    page.emit("frozen");

    expect(controller.getState()).toMatchObject({
      status: "loading",
      user: undefined,
    });
  });

  it("hides the person at once when the page comes back, then asks", async () => {
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

  it("allows to sign in again after coming back from the identity provider", async () => {
    const { controller, client, page } = await startSettled();
    await controller.signIn();

    page.emit("restored");
    await settle();
    await controller.signIn();

    expect(client.calls.filter((call) => call === "login")).toHaveLength(2);
  });
});

describe("signIn", () => {
  it("returns to the current address unless told otherwise", async () => {
    const { controller, client, page } = await startSettled();

    await controller.signIn({ prompt: "select_account" });

    expect(client.inputs.at(-1)).toEqual({
      prompt: "select_account",
      returnUrl: "https://app.test/workspace?tab=notice#top",
    });
    expect(page.navigations).toEqual(["https://login.test/authorize"]);
  });

  it("returns to the page that is asked for", async () => {
    const { controller, client } = await startSettled();

    await controller.signIn({ returnUrl: "https://app.test/account" });

    expect(client.inputs.at(-1)).toEqual({
      returnUrl: "https://app.test/account",
    });
  });

  it("takes a claims challenge back to the identity provider", async () => {
    const { controller, client } = await startSettled();
    const claims = '{"access_token":{"acrs":{"value":"c1"}}}';
    client.failure = createTrpcError("interaction_required", { claims });
    const refused: unknown = await controller
      .completeSignIn(parameters)
      .catch((error: unknown) => error);
    client.failure = undefined;

    await controller.signIn({ claims: parseAuthFailure(refused).claims });

    expect(client.inputs.at(-1)).toMatchObject({ claims });
  });

  it.each(["rate_limited", "interaction_required", "consent_required"])(
    "is not called by itself after a callback that failed as %s",
    async (code) => {
      const { controller, client, page } = await startSettled();
      client.failure = createTrpcError(code, { retryAfterSeconds: 300 });

      await controller.completeSignIn(parameters).catch(() => undefined);
      client.failure = undefined;
      page.advance(600_000);
      await controller.refresh();

      expect(client.calls).not.toContain("login");
      expect(page.navigations).toEqual([]);
    },
  );

  it("ignores a second click while the first is under way", async () => {
    const { controller, client } = await startSettled();

    await Promise.all([controller.signIn(), controller.signIn()]);
    await controller.signIn();

    expect(client.calls).toEqual(["me", "login"]);
    expect(controller.getState().isSigningIn).toBe(true);
  });

  it("can be pressed again if the page is still there after a while", async () => {
    const { controller, page } = await startSettled();
    await controller.signIn();

    page.advance(10_000);

    expect(controller.getState().isSigningIn).toBe(false);
  });

  it("says why it failed and changes nothing else", async () => {
    const { controller, client, page } = await startSettled();
    client.failure = createTrpcError("rate_limited", { retryAfterSeconds: 7 });

    await controller.signIn();

    expect(controller.getState()).toMatchObject({
      status: "signed_out",
      isSigningIn: false,
      error: { code: "rate_limited", retryAfterSeconds: 7 },
    });
    expect(page.navigations).toEqual([]);
  });
});

describe("signOut", () => {
  it("forgets the person before the server is asked", async () => {
    const { controller, client, forgotten } = await startSettled({
      user: ada,
      session,
    });
    client.hold();

    void controller.signOut();

    expect(controller.getState().user).toBeUndefined();
    expect(forgotten).toEqual(["forgotten"]);
  });

  it("tells the other tabs and leaves for the identity provider's sign-out", async () => {
    const { controller, page } = await startSettled({ user: ada, session });

    await controller.signOut();

    expect(page.messages).toEqual(["signed_out"]);
    expect(page.navigations).toEqual(["https://login.test/logout"]);
    expect(controller.getState().status).toBe("loading");
  });

  it("is signed out if the page is still there after a while", async () => {
    const { controller, page } = await startSettled({ user: ada, session });
    await controller.signOut();

    page.advance(10_000);

    expect(controller.getState().status).toBe("signed_out");
  });

  it("never claims to be done while the server may still know the session", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    client.failure = new TypeError("Failed to fetch");

    await controller.signOut();

    expect(controller.getState().status).toBe("unavailable");
    expect(page.messages).toEqual([]);
    expect(page.navigations).toEqual([]);
  });

  it("is made up for as soon as the server answers again", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    client.failure = new TypeError("Failed to fetch");
    await controller.signOut();
    client.failure = undefined;

    page.emit("returned");
    await settle();

    expect(client.present).toBeUndefined();
    expect(page.navigations).toEqual(["https://login.test/logout"]);
  });

  it("is not made up for after a sign-in in another tab", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    client.failure = new TypeError("Failed to fetch");
    await controller.signOut();
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

    await Promise.all([controller.signOut(), controller.signOut()]);

    expect(client.calls).toEqual(["me", "logout"]);
  });
});

describe("signOutEverywhere", () => {
  it("forgets the person, tells the other tabs and leaves as signOut does", async () => {
    const { controller, client, page, forgotten } = await startSettled({
      user: ada,
      session,
    });

    await controller.signOutEverywhere();

    expect(client.calls).toEqual(["me", "logoutEverywhere"]);
    expect(forgotten).toEqual(["forgotten"]);
    expect(page.messages).toEqual(["signed_out"]);
    expect(page.navigations).toEqual(["https://login.test/logout"]);
  });

  it("is made up for everywhere as soon as the server answers again", async () => {
    const { controller, client, page } = await startSettled({
      user: ada,
      session,
    });
    client.failure = new TypeError("Failed to fetch");
    await controller.signOutEverywhere();
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
  it("takes the query off the address bar before it sends anything", () => {
    const { controller, client, page } = start();
    page.currentAddress = "https://app.test/auth/callback?code=c-1&state=s-1";

    void controller.completeSignIn(parameters);

    expect(page.currentAddress).toBe("https://app.test/auth/callback");
    expect(client.calls).not.toContain("callback");
  });

  it("sends the parameters once, however often it is called", async () => {
    const { controller, client } = start();

    const answers = await Promise.all([
      controller.completeSignIn(parameters),
      controller.completeSignIn({ ...parameters }),
    ]);
    await controller.completeSignIn(parameters);

    expect(client.calls.filter((call) => call === "callback")).toHaveLength(1);
    expect(answers[0]).toBe(answers[1]);
  });

  it("answers where to go, tells the other tabs, and knows who is signed in", async () => {
    const { controller, page } = start();

    const { returnUrl } = await controller.completeSignIn(parameters);
    await settle();

    expect(returnUrl).toBe("https://app.test/workspace");
    expect(page.messages).toEqual(["signed_in"]);
    expect(controller.getState().user).toEqual(ada);
  });

  it("waits for an earlier question, whose answer could clear the new cookie", async () => {
    const { controller, client } = await startSettled();
    const release = client.hold();
    void controller.refresh();

    const completed = controller.completeSignIn(parameters);
    await settle();
    const before = [...client.calls];
    release();
    await completed;

    expect(before).toEqual(["me", "me"]);
    expect(client.calls.slice(0, 3)).toEqual(["me", "me", "callback"]);
  });

  it("shows neither side while it is under way", async () => {
    const { controller, client, page } = await startSettled();
    client.hold();

    void controller.completeSignIn(parameters);
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
    const completed = controller.completeSignIn(parameters);

    await expect(completed).rejects.toBe(failure);
    client.failure = undefined;
    await settle();
    await controller.refresh();

    expect(controller.getState().user).toEqual(ada);
  });

  it("sends the parameters again when it is asked to retry a failed attempt", async () => {
    const { controller, client } = await startSettled();
    client.failure = new TypeError("Failed to fetch");
    await expect(controller.completeSignIn(parameters)).rejects.toThrow();
    client.failure = undefined;

    const { returnUrl } = await controller.completeSignIn(parameters, {
      isRetry: true,
    });

    expect(returnUrl).toBe("https://app.test/workspace");
    expect(callbackInputs(client)).toEqual([parameters, parameters]);
  });

  it("[F40] sends nothing again after a failure unless it is asked to retry", async () => {
    const { controller, client } = await startSettled();
    client.failure = createTrpcError("store_unavailable");
    await expect(controller.completeSignIn(parameters)).rejects.toThrow();

    await expect(controller.completeSignIn(parameters)).rejects.toThrow();

    expect(callbackInputs(client)).toHaveLength(1);
  });

  it("sends nothing again while an attempt is under way or after it succeeded", async () => {
    const { controller, client } = await startSettled();

    await Promise.all([
      controller.completeSignIn(parameters),
      controller.completeSignIn(parameters, { isRetry: true }),
    ]);
    await controller.completeSignIn(parameters, { isRetry: true });

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
  controller.subscribeToSignOut(() => forgotten.push("forgotten"));
  const stop = controller.start();
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

/** Lets everything run that waits for nothing but promises. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
