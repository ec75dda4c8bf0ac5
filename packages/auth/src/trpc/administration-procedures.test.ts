import { describe, expect, it } from "vitest";
import { openTrpcBrowser } from "../../test/support/trpc-app.js";
import type { TrpcBrowser } from "../../test/support/trpc-app.js";
import { createAuditTrail } from "../core/administration/audit-trail.js";
import { createMemoryStores } from "../testing/memory/stores.js";
import { createTestAuth } from "../testing/test-auth.js";
import { testPeople } from "../testing/provider/test-people.js";

const { ada, ben, graceAtHome } = testPeople;

/** An application with its administrator Ada signed in. */
async function open() {
  const stores = createMemoryStores();
  const trail = createAuditTrail({
    auditStore: stores.auditStore,
    onFailure: () => undefined,
  });
  const test = createTestAuth({ stores, onEvent: trail.record });
  const administrator = openTrpcBrowser(test);
  await administrator.signIn(ada);
  return { test, administrator };
}

async function userIdOf(browser: TrpcBrowser): Promise<string> {
  const { text } = await browser.call("auth.me");
  return /"user":{"id":"([^"]+)"/.exec(text)?.[1] ?? "";
}

function post(browser: TrpcBrowser, path: string, input: unknown) {
  return browser.call(path, { method: "POST", input });
}

const calls: readonly (readonly [string, "GET" | "POST", unknown])[] = [
  ["admin.users.list", "GET", {}],
  ["admin.users.disable", "POST", { userId: "id" }],
  ["admin.users.enable", "POST", { userId: "id" }],
  ["admin.users.delete", "POST", { userId: "id" }],
  ["admin.users.export", "GET", { userId: "id" }],
  ["admin.events.list", "GET", {}],
];

describe("createAdministrationProcedures", () => {
  it.each(calls)(
    "returns 403 role_required for %s by a user without the role",
    async (path, method, input) => {
      const { test } = await open();
      const browser = openTrpcBrowser(test);
      await browser.signIn(ben);

      const answer = await browser.call(path, { method, input });

      expect(answer.status).toBe(403);
      expect(answer.json).toMatchObject({
        error: { data: { authCode: "role_required" } },
      });
    },
  );

  it.each(calls)(
    "returns 401 not_signed_in for %s by a visitor who is not signed in",
    async (path, method, input) => {
      const { test } = await open();

      const answer = await openTrpcBrowser(test).call(path, { method, input });

      expect(answer.status).toBe(401);
      expect(answer.json).toMatchObject({
        error: { data: { authCode: "not_signed_in" } },
      });
    },
  );

  it("lists the users of the administrator's own organisation, with their public fields only", async () => {
    const { test, administrator } = await open();
    await openTrpcBrowser(test).signIn(graceAtHome);

    const answer = await administrator.call("admin.users.list");

    expect(answer.json).toEqual({
      result: {
        data: {
          users: [
            {
              id: await userIdOf(administrator),
              tenantId: ada.tenantId,
              objectId: ada.objectId,
              name: "Ada Lovelace",
              preferredUsername: "ada@contoso.test",
              email: null,
              roles: ["Admin"],
              groups: [],
              createdAt: "2026-03-01T09:00:00.000Z",
              lastSignInAt: "2026-03-01T09:00:00.000Z",
              disabledAt: null,
            },
          ],
          next: null,
        },
      },
    });
  });

  it("disables a user: all sessions end, and the user cannot sign in until enabled", async () => {
    const { test, administrator } = await open();
    const bens = openTrpcBrowser(test);
    await bens.signIn(ben);
    const userId = await userIdOf(bens);

    const disabled = await post(administrator, "admin.users.disable", {
      userId,
    });
    const afterwards = await bens.call("own.signedIn");
    const again = await bens.signIn(ben);
    const enabled = await post(administrator, "admin.users.enable", { userId });
    const finallyIn = await bens.signIn(ben);

    expect(disabled.json).toEqual({ result: { data: { endedSessions: 1 } } });
    expect(afterwards.status).toBe(401);
    expect(again.json).toMatchObject({
      error: { data: { authCode: "user_disabled" } },
    });
    expect(enabled.json).toEqual({ result: { data: { userId } } });
    expect(finallyIn.status).toBe(200);
  });

  it("exports and deletes a user", async () => {
    const { test, administrator } = await open();
    const bens = openTrpcBrowser(test);
    await bens.signIn(ben);
    const userId = await userIdOf(bens);

    const exported = await administrator.call("admin.users.export", {
      input: { userId },
    });
    const deleted = await post(administrator, "admin.users.delete", { userId });
    const afterwards = await bens.call("own.signedIn");

    expect(exported.json).toMatchObject({
      result: { data: { user: { id: userId }, sessions: [{}], tokens: [] } },
    });
    expect(deleted.json).toEqual({ result: { data: { userId } } });
    expect(afterwards.status).toBe(401);
  });

  it("lists since when a user is disabled", async () => {
    const { test, administrator } = await open();
    const bens = openTrpcBrowser(test);
    await bens.signIn(ben);
    const userId = await userIdOf(bens);

    await post(administrator, "admin.users.disable", { userId });

    const { json } = await administrator.call("admin.users.list", {
      input: { search: "ben" },
    });
    expect(json).toMatchObject({
      result: {
        data: {
          users: [{ id: userId, disabledAt: "2026-03-01T09:00:00.000Z" }],
        },
      },
    });
  });

  it.each(["disable", "enable", "delete"])(
    "returns 404 when a user of another organisation is to be %sd",
    async (verb) => {
      const { test, administrator } = await open();
      const graces = openTrpcBrowser(test);
      await graces.signIn(graceAtHome);

      const answer = await post(administrator, `admin.users.${verb}`, {
        userId: await userIdOf(graces),
      });

      expect(answer.status).toBe(404);
      expect(answer.json).toMatchObject({
        error: { data: { authCode: "user_not_found" } },
      });
      expect((await graces.call("own.signedIn")).status).toBe(200);
    },
  );

  it.each(["disable", "enable", "delete"])(
    "requires a sign-in within the last ten minutes to %s",
    async (verb) => {
      const { test, administrator } = await open();
      test.clock.advance(600);

      const answer = await post(administrator, `admin.users.${verb}`, {
        userId: "id",
      });

      expect(answer.status).toBe(401);
      expect(answer.json).toMatchObject({
        error: {
          data: { authCode: "fresh_sign_in_required", maxAgeSeconds: 600 },
        },
      });
    },
  );

  it("lists the audit trail, newest first, with a cursor for the next page", async () => {
    const { test, administrator } = await open();
    const bens = openTrpcBrowser(test);
    await bens.signIn(ben);
    const [adasId, bensId] = [
      await userIdOf(administrator),
      await userIdOf(bens),
    ];
    await post(administrator, "admin.users.disable", { userId: bensId });

    const answer = await administrator.call("admin.events.list", {
      input: { limit: 2 },
    });

    const entry = {
      id: expect.any(String),
      occurredAt: expect.any(String),
      flowId: null,
      userId: bensId,
      userName: "Ben Okafor",
      code: null,
      aadsts: null,
    };
    expect(answer.json).toEqual({
      result: {
        data: {
          entries: [
            {
              ...entry,
              type: "session.ended",
              sessionId: expect.any(String),
              actorId: null,
              actorName: null,
              reason: "user_disabled",
            },
            {
              ...entry,
              type: "user.disabled",
              sessionId: null,
              actorId: adasId,
              actorName: "Ada Lovelace",
              reason: null,
            },
          ],
          next: expect.any(String),
        },
      },
    });
  });

  it.each([
    ["admin.users.list", { limit: 0 }],
    ["admin.events.list", { before: 5 }],
  ])("returns 400 for %s with %j", async (path, input) => {
    const { administrator } = await open();

    const answer = await administrator.call(path, { input });

    expect(answer.status).toBe(400);
  });
});
