import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { describe, expect, it } from "vitest";
import {
  createServerCaller,
  openTrpcBrowser,
} from "../../test/support/trpc-app.js";
import { AuthError, authErrorCodes } from "../core/error.js";
import { toStatus } from "../http/error-response.js";
import { testPeople } from "../testing/provider/test-people.js";
import { createTestAuth } from "../testing/test-auth.js";
import { toTrpcError } from "./error-formatter.js";

type ServerCaller = ReturnType<typeof createServerCaller>;

const ownPage = { "x-csrf": "1" };

/** A server-side caller for a browser in which Grace, who has no role and another tenant, is signed in. */
async function callAsGrace(): Promise<ServerCaller> {
  const test = createTestAuth();
  const browser = openTrpcBrowser(test);
  await browser.signIn(testPeople.graceAtHome);
  test.clock.advance(301);
  return createServerCaller(test, {
    ...ownPage,
    cookie: browser.jar.header() ?? "",
  });
}

describe("a server-side caller", () => {
  it.each<[string, (caller: ServerCaller) => Promise<unknown>]>([
    ["signedIn", (caller) => caller.own.signedIn()],
    ["requireRole", (caller) => caller.own.admin()],
    ["requireTenant", (caller) => caller.own.contoso()],
    ["requireFreshSignIn", (caller) => caller.own.fresh()],
    ["auth.sessions.list", (caller) => caller.auth.sessions.list()],
    ["admin.users.list", (caller) => caller.admin.users.list({})],
  ])("receives UNAUTHORIZED from %s without a session", async (_, call) => {
    const caller = createServerCaller(createTestAuth(), ownPage);

    await expect(call(caller)).rejects.toMatchObject({
      name: "TRPCError",
      code: "UNAUTHORIZED",
      message: "Sign in first.",
      cause: { name: "AuthError", code: "not_signed_in" },
    });
  });

  it.each<[string, string, string, (caller: ServerCaller) => Promise<unknown>]>(
    [
      ["FORBIDDEN", "requireRole", "role_required", (c) => c.own.admin()],
      ["FORBIDDEN", "requireTenant", "tenant_required", (c) => c.own.contoso()],
      [
        "UNAUTHORIZED",
        "requireFreshSignIn",
        "fresh_sign_in_required",
        (c) => c.own.fresh(),
      ],
      [
        "FORBIDDEN",
        "admin.users.list",
        "role_required",
        (c) => c.admin.users.list({}),
      ],
      [
        "BAD_REQUEST",
        "auth.callback",
        "flow_not_found",
        (c) => c.auth.callback({ state: "unknown", code: "code" }),
      ],
      [
        "BAD_REQUEST",
        "auth.callback",
        "invalid_request",
        (c) => c.auth.callback({}),
      ],
    ],
  )("receives %s from %s for %s", async (code, _, authCode, call) => {
    const caller = await callAsGrace();

    await expect(call(caller)).rejects.toMatchObject({
      name: "TRPCError",
      code,
      cause: { name: "AuthError", code: authCode },
    });
  });

  it("receives FORBIDDEN for a request from another site", async () => {
    const caller = createServerCaller(createTestAuth(), {});

    await expect(caller.auth.me()).rejects.toMatchObject({
      code: "FORBIDDEN",
      cause: { code: "cross_site_request" },
    });
  });

  it("receives any other error as tRPC reports it", async () => {
    const test = createTestAuth();
    const browser = openTrpcBrowser(test);
    await browser.signIn(testPeople.ben);
    const caller = createServerCaller(test, {
      ...ownPage,
      cookie: browser.jar.header() ?? "",
    });

    await expect(caller.own.broken()).rejects.toMatchObject({
      code: "INTERNAL_SERVER_ERROR",
      cause: { name: "Error" },
    });
  });
});

describe("toTrpcError", () => {
  it.each(authErrorCodes)(
    "maps %s to the tRPC code of its HTTP status",
    (code) => {
      const error = toTrpcError(new AuthError(code, "Message."));

      expect(getHTTPStatusCodeFromError(error)).toBe(toStatus(code));
    },
  );
});
